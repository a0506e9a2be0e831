using System.Text;
using Quilt.Build;
using Quilt.Core;
using Quilt.Images;
using Quilt.Network;
using Quilt.Oci;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <summary>
/// Runs the commands of a build, each in a container of its own that is confined as all are. It is seen among the containers while it
/// lives, and goes with its step.
/// </summary>
public sealed class StepRunner(ContainerEngine engine, StepPlacement placement) : IStepRunner
{
    private const string BuildLabel = "dev.quilt.build";

    // The same in every build, so that what writes it down writes the same.
    private const string HostName = "build";

    /// <summary>What packages set on their files goes into the image; in a container it is worth nothing beyond it.</summary>
    private const string FileCapabilities = "CAP_SETFCAP";

    public async Task<IStepOutcome> RunAsync(BuildStep step, Action<StepOutput> output, CancellationToken cancellation)
    {
        using StepFiles files = StepFiles.Make(step.Mounts, engine.Options.RunDir, engine.InstanceName);
        IReadOnlyList<NetworkEgress> egress = step.Network == StepNetwork.Egress ? placement.Egress : [];

        // What it is given of its own, and its connections, need what only a container has that is made.
        bool atOnce = egress.Count == 0 && files.Binds.Count == 0;
        NewContainer asked = new(SpecOf(step, files)) { Owner = placement.Owner, Group = placement.Group, Root = RootOf(step), Start = atOnce };
        ContainerRecord record;
        using (placement.Reserve(asked.Id, asked.Spec.Limits))
        {
            record = await engine.CreateAsync(asked, cancellation).ConfigureAwait(false);
        }

        try
        {
            if (!atOnce)
            {
                files.GiveTo(record.HostIdBase);
                await ConnectAsync(record.Id, egress, cancellation).ConfigureAwait(false);
                await engine.StartAsync(record.Id, null, cancellation).ConfigureAwait(false);
            }

            await foreach (LogEntry entry in engine.LogsAsync(record.Id, new LogQuery { Follow = true }, cancellation).ConfigureAwait(false))
            {
                output(new StepOutput(entry.Data, entry.Stream == LogStream.Stderr));
            }

            record = await engine.WaitExitedAsync(record.Id, cancellation).ConfigureAwait(false);
            return new Outcome(engine, record);
        }
        catch
        {
            await RemoveAsync(engine, record.Id).ConfigureAwait(false);
            throw;
        }
    }

    private async Task ConnectAsync(ContainerId id, IReadOnlyList<NetworkEgress> egress, CancellationToken cancellation)
    {
        foreach (NetworkEgress to in egress)
        {
            await engine.EstablishConnectionAsync(new NewConnection(id, to.To, to.Port, TransportProtocol.Tcp, placement.Owner.Agent), cancellation).ConfigureAwait(false);
        }
    }

    private ContainerSpec SpecOf(BuildStep step, StepFiles files) => new()
    {
        Image = Name,
        Command = step.Command,
        Entrypoint = [],
        Environment = step.Environment,
        WorkingDirectory = step.WorkingDirectory,
        User = step.User,
        Hostname = HostName,
        Strategy = ContainerStrategy.Ephemeral,
        Labels = new Dictionary<string, string> { [BuildLabel] = placement.Build },
        Limits = placement.Limits,
        Capabilities = [.. StandardCapabilities.All, FileCapabilities],
        Tmpfs = [.. step.Mounts.OfType<StepMount.Tmpfs>().Select(m => new TmpfsMount(m.Target, m.SizeBytes ?? 0))],
        Binds = [.. step.Mounts.OfType<StepMount.Bind>().Select(m => new BindMount(m.Source, m.Target, m.IsReadOnly)), .. files.Binds],
        Build = placement.Build,
    };

    private ImageReference Name => ImageReference.Parse($"quilt/build:{placement.Build}");

    private ImageRoot RootOf(BuildStep step) =>
        new(Name, Digest.Compute(Encoding.UTF8.GetBytes(string.Join('\n', step.LayerFolders))), step.LayerFolders, new ImageConfig());

    private static async ValueTask RemoveAsync(ContainerEngine engine, ContainerId id)
    {
        try
        {
            await engine.RemoveAsync(id, force: true, CancellationToken.None).ConfigureAwait(false);
        }
        catch (QuiltException e) when (e.Code == ErrorCode.NotFound)
        {
            // Its agent has removed it.
        }
    }

    /// <summary>What the command wrote stays until whoever runs the build has taken it.</summary>
    private sealed class Outcome(ContainerEngine engine, ContainerRecord record) : IStepOutcome
    {
        public int ExitCode { get; } = record.State switch
        {
            ContainerState.Exited { Exit: var exit } => exit.ExitCode,
            ContainerState.Removing { Exit: { } exit } => exit.ExitCode,
            _ => 128 + Linux.Signals.Kill,
        };

        private readonly ContainerFiles _files = engine.OpenFiles(record);

        public string UpperFolder => _files.Layout.Upper;
        public uint HostIdBase { get; } = record.HostIdBase;
        public IReadOnlyList<string> MountPoints { get; } = [.. StandardMounts.All.Select(m => m.Destination)];

        public ValueTask DisposeAsync()
        {
            _files.Dispose();
            return RemoveAsync(engine, record.Id);
        }
    }
}
