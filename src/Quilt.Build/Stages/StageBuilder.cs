using System.Diagnostics;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

/// <summary>Builds one stage: its instructions in order, each on what the one before left.</summary>
internal sealed partial class StageBuilder
{
    private const string Author = "quilt.dockerfile.v0";
    private readonly BuildSession _session;
    private readonly PlannedStage _planned;
    private readonly List<(string Name, string? Value)> _arguments = [];
    private List<StoredLayer> _layers = [];
    private ImageDocument _document = new();
    private bool _commandIsOwn;
    private int _number, _step;
    private bool _isCached;
    private Digest? _made;

    internal StageBuilder(BuildSession session, PlannedStage planned)
    {
        _session = session;
        _planned = planned;
    }

    private ImageDocumentConfig Config
    {
        get => _document.Config ?? new ImageDocumentConfig();
        set => _document = _document with { Config = value };
    }

    /// <summary>Folders of what is there so far, lowest first.</summary>
    private IReadOnlyList<string> Folders => _layers.Count > 0 ? [.. _layers.Select(l => l.Folder)] : [_session.Empty];

    /// <summary>What is there so far, for the cache.</summary>
    private string ChainId => _layers.Count > 0 ? _layers[^1].ChainId.ToString() : "scratch";

    /// <exception cref="QuiltException">Told at the instruction's place.</exception>
    internal async Task<StageResult> RunAsync(CancellationToken cancellation)
    {
        // All that it needs begins now; it waits where it comes to it.
        foreach (int needed in _planned.Needs)
        {
            _ = _session.StageAsync(needed);
        }

        Instruction.From from = _planned.Stage.From;
        IReadOnlyList<Instruction> triggers = await StepAsync(from, () => BeginAsync(cancellation)).ConfigureAwait(false);
        foreach (Instruction instruction in triggers.Concat(_planned.Stage.Instructions))
        {
            cancellation.ThrowIfCancellationRequested();
            await StepAsync(instruction, async () =>
            {
                await DoAsync(instruction, cancellation).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
        }

        return new StageResult(_layers, _document);
    }

    private async Task<T> StepAsync<T>(Instruction instruction, Func<Task<T>> work)
    {
        (_step, _isCached, _made) = (_session.NextStep(), false, null);
        _session.Tell(new BuildEvent.StepStarted(
            _step, _planned.Stage.DisplayName, ++_number, _planned.Stage.Instructions.Count + 1, instruction.Origin.Text.Trim(), instruction.Origin.Position));
        long began = Stopwatch.GetTimestamp();
        try
        {
            T result = await work().ConfigureAwait(false);
            _session.Tell(new BuildEvent.StepDone(_step, Stopwatch.GetElapsedTime(began), _isCached, _made));
            return result;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            QuiltException located = instruction.Origin.At(default, e as QuiltException ?? OfHost(e));
            if (_session.TryFail(located))
            {
                _session.Tell(new BuildEvent.StepFailed(_step, Stopwatch.GetElapsedTime(began), located));
            }

            throw located;
        }
    }

    /// <summary>Without the host's paths, which its message may hold.</summary>
    private static QuiltException OfHost(Exception e) => e switch
    {
        SyscallException { Errno: Errno.ENOSPC or Errno.EDQUOT } or IOException { HResult: (int)Errno.ENOSPC } =>
            new QuiltException(ErrorCode.ResourceExhausted, "the disk is full", "free some space, such as with prune", inner: e),
        EndOfStreamException =>
            new QuiltException(ErrorCode.Aborted, "a file changed while it was copied", "build again, and leave the context alone meanwhile", inner: e),
        _ => new QuiltException(ErrorCode.Internal, $"the step failed on the host: {(e as SyscallException)?.Errno.ToString() ?? e.GetType().Name}", "the daemon's log tells more", inner: e),
    };

    /// <summary>What the stage begins with.</summary>
    /// <returns>The instructions that the base has for whoever builds on it.</returns>
    private async Task<IReadOnlyList<Instruction>> BeginAsync(CancellationToken cancellation)
    {
        string from = _planned.Stage.From.Image.Text;
        (_layers, _document) = await FilesAsync(_planned.Base, from, cancellation).ConfigureAwait(false);
        _document = _document with
        {
            Architecture = _document.Architecture.Length > 0 ? _document.Architecture : _planned.Platform.Architecture,
            Os = _document.Os.Length > 0 ? _document.Os : _planned.Platform.Os,
            Variant = _document.Variant ?? _planned.Platform.Variant,
            Config = Config,
        };
        if (!(Config.Env ?? []).Any(e => e.StartsWith("PATH=", StringComparison.Ordinal)))
        {
            SetEnvironment("PATH", DefaultPath);
        }

        // Others count on one for each layer; an image may come without.
        int unknown = _layers.Count - (_document.History ?? []).Count(h => h.EmptyLayer != true);
        if (unknown > 0)
        {
            ImageHistory entry = new() { Created = _document.Created, CreatedBy = from };
            _document = _document with { History = [.. Enumerable.Repeat(entry, unknown), .. _document.History ?? []] };
        }

        Config = Config with { WorkingDir = string.IsNullOrEmpty(Config.WorkingDir) ? "/" : Config.WorkingDir };
        if (_session.Request.KeepsTriggers)
        {
            return [];
        }

        IReadOnlyList<string> triggers = Config.OnBuild ?? [];
        Config = Config with { OnBuild = null };
        return [.. triggers.SelectMany(t => DockerfileReader.ReadTrigger($"ONBUILD of {from}", t))];
    }

    /// <summary>Files and configuration of what a name stands for.</summary>
    private async Task<(List<StoredLayer> Layers, ImageDocument Document)> FilesAsync(StageBase named, string name, CancellationToken cancellation)
    {
        switch (named)
        {
            case StageBase.Scratch:
                return ([], new ImageDocument());
            case StageBase.Earlier earlier:
                StageResult stage = await _session.StageAsync(earlier.Index).ConfigureAwait(false);
                return ([.. stage.Layers], stage.Document);
            case StageBase.Image image:
                return await ImageAsync(image.Reference, image.Platform).ConfigureAwait(false);
            case StageBase.Context { Files: BuildContext.Image context }:
                return await ImageAsync(context.Reference, _planned.Platform).ConfigureAwait(false);
            default:
                throw new QuiltException(ErrorCode.InvalidArgument, $"the context '{Text.Printable(name)}' is a folder, and a stage begins with an image", "give an image as the context, or copy from it with COPY --from", "namedContexts");
        }

        async Task<(List<StoredLayer>, ImageDocument)> ImageAsync(ImageReference reference, Platform platform)
        {
            StoredImage image = await _session.ImageAsync(reference, platform, cancellation).ConfigureAwait(false);
            return ([.. image.Layers], image.Document);
        }
    }

    private Task DoAsync(Instruction instruction, CancellationToken cancellation)
    {
        switch (instruction)
        {
            case Instruction.Run run:
                return RunAsync(run, cancellation);
            case Instruction.Copy copy:
                return CopyAsync(copy, cancellation);
            case Instruction.WorkingDirectory directory:
                return SetWorkingDirectoryAsync(directory, cancellation);
            default:
                Configure(instruction);
                return Task.CompletedTask;
        }
    }

    private Expander ExpanderOf(Instruction instruction) => new(instruction.Origin, LookUp, name =>
    {
        if (name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_'))
        {
            _session.Warn(new BuildWarning("UndefinedVar", $"the variable '{Text.Printable(name)}' is not set here", instruction.Origin.Position));
        }
    });

    /// <summary>A variable's value: ENV goes before ARG.</summary>
    private string? LookUp(string name)
    {
        string prefix = name + "=";
        string? set = Config.Env?.LastOrDefault(e => e.StartsWith(prefix, StringComparison.Ordinal));
        return set is not null ? set[prefix.Length..] : _arguments.LastOrDefault(a => a.Name == name).Value;
    }

    /// <summary>The outcome of an earlier build's step, or a new one: a layer.</summary>
    /// <param name="key">Of all that the step depends on.</param>
    private async Task<(StoredLayer? Layer, DateTimeOffset Created)> CachedAsync(Digest key, bool mayReuse, Func<Task<StoredLayer?>> make)
    {
        if (mayReuse && !_session.Request.IgnoresCache && _session.Services.Steps.TryFind(key, _session.Lease) is { } known)
        {
            _isCached = true;
            return (known.TryLayer(), known.Created);
        }

        StoredLayer? layer = await make().ConfigureAwait(false);
        DateTimeOffset created = _session.Now;
        if (layer is not null)
        {
            _session.Services.Steps.Add(key, CachedStep.Of(layer, created));
        }

        return (layer, created);
    }

    private void AddLayer(StoredLayer layer, DateTimeOffset created, string createdBy)
    {
        _made = layer.DiffId;
        _layers = [.. _layers, layer];
        AddHistory(new ImageHistory { Created = created, CreatedBy = createdBy, Comment = Author });
    }

    /// <summary>Of an instruction that changed no file: as old as what is below, so that it is the same each time.</summary>
    private void AddHistory(string createdBy)
    {
        DateTimeOffset? created = (_document.History is [.., { } last] ? last.Created : null) ?? _session.Epoch;
        AddHistory(new ImageHistory { Created = created, CreatedBy = createdBy, Comment = Author, EmptyLayer = true });
    }

    private void AddHistory(ImageHistory history) =>
        _document = _document with { History = [.. _document.History ?? [], history], Created = history.Created ?? _document.Created };
}
