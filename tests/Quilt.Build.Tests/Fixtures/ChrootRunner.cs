using System.Diagnostics;
using Quilt.Images;

namespace Quilt.Build.Tests.Fixtures;

/// <summary>Runs steps for real, with the host's own programs: overlayfs, mounts and namespaces of its own, ids as they are.</summary>
internal sealed class ChrootRunner(string folder) : IStepRunner
{
    private int _count;

    /// <summary>How many commands were run; a cached step is none.</summary>
    internal int Count => _count;
    internal List<BuildStep> Steps { get; } = [];

    public async Task<IStepOutcome> RunAsync(BuildStep step, Action<StepOutput> output, CancellationToken cancellation)
    {
        string work = Path.Combine(folder, $"step-{Interlocked.Increment(ref _count)}");
        lock (Steps)
        {
            Steps.Add(step);
        }

        foreach (string name in new[] { "upper", "work", "merged", "files" })
        {
            Directory.CreateDirectory(Path.Combine(work, name));
        }

        File.SetUnixFileMode(Path.Combine(work, "upper"), (UnixFileMode)0x1ED);
        ImageUser user = UserLookup.Find(step.LayerFolders, step.User);
        await File.WriteAllTextAsync(Path.Combine(work, "script"), Script(step, user, work), cancellation);
        List<string> arguments = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"];
        if (step.Network == StepNetwork.None)
        {
            arguments.Add("--net");
        }

        arguments.AddRange(["/bin/sh", "-eu", Path.Combine(work, "script")]);
        using Process process = Process.Start(new ProcessStartInfo("/usr/bin/unshare", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        process.StandardInput.Close();
        Lock writing = new();
        Task reading = Task.WhenAll(Read(process.StandardOutput.BaseStream, false), Read(process.StandardError.BaseStream, true));
        try
        {
            await process.WaitForExitAsync(cancellation);
            await reading;
            return new Outcome(process.ExitCode, Path.Combine(work, "upper"), work);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(work, recursive: true);
            throw;
        }

        async Task Read(Stream stream, bool isError)
        {
            byte[] buffer = new byte[4096];
            int read;
            while ((read = await stream.ReadAsync(buffer, CancellationToken.None)) > 0)
            {
                lock (writing)
                {
                    output(new StepOutput(buffer.AsMemory(0, read).ToArray(), isError));
                }
            }
        }
    }

    private static string Script(BuildStep step, ImageUser user, string work)
    {
        string merged = Path.Combine(work, "merged");
        List<string> lines =
        [
            $"mount -t overlay overlay -o lowerdir={string.Join(':', step.LayerFolders.Reverse())},upperdir={work}/upper,workdir={work}/work,redirect_dir=off,metacopy=off {merged}",
            $"mkdir -p {merged}/proc {merged}/dev",
            $"mount -t proc proc {merged}/proc",
            $"mount -t tmpfs tmpfs {merged}/dev",
            $"touch {merged}/dev/null && mount --bind /dev/null {merged}/dev/null",
        ];
        int file = 0;
        foreach (StepMount mount in step.Mounts)
        {
            string target = Quote(merged + mount.Target);
            string source = mount switch
            {
                StepMount.Bind bind => bind.Source,
                StepMount.Socket socket => socket.HostSocket,
                StepMount.Content => $"{work}/files/{++file}",
                _ => "",
            };
            if (mount is StepMount.Content content)
            {
                File.WriteAllBytes(source, content.Bytes.ToArray());
                lines.Add($"chown {content.Uid}:{content.Gid} {source} && chmod {Convert.ToString(content.Permissions, 8)} {source}");
            }

            if (mount is StepMount.Tmpfs tmpfs)
            {
                lines.Add($"mkdir -p {target} && mount -t tmpfs {(tmpfs.SizeBytes is { } size ? $"-o size={size} " : "")}tmpfs {target}");
                continue;
            }

            lines.Add(Directory.Exists(source) ? $"mkdir -p {target}" : $"mkdir -p {Quote(merged + Path.GetDirectoryName(mount.Target))} && touch {target}");
            lines.Add($"mount --bind {Quote(source)} {target}");
            if (mount is StepMount.Bind { IsReadOnly: true })
            {
                lines.Add($"mount -o remount,bind,ro {target}");
            }
        }

        lines.Add($"mkdir -p {Quote(merged + step.WorkingDirectory)}");
        IEnumerable<string> environment = step.Environment.Select(e => $"{e.Key}={e.Value}");
        environment = step.Environment.ContainsKey("HOME") ? environment : environment.Append($"HOME={user.Home}");
        string groups = string.Join(',', user.AdditionalGids);
        lines.Add($"exec env -i {string.Join(' ', environment.Select(Quote))} /usr/bin/unshare --root={merged} --wd={Quote(step.WorkingDirectory)} -G {user.Gid} -S {user.Uid} {string.Join(' ', step.Command.Select(Quote))}");
        return string.Join('\n', lines) + $"\n# {groups}\n";
    }

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private sealed class Outcome(int exitCode, string upper, string work) : IStepOutcome
    {
        public int ExitCode => exitCode;
        public string UpperFolder => upper;
        public uint HostIdBase => 0;
        public IReadOnlyList<string> MountPoints => ["/proc", "/dev"];

        public ValueTask DisposeAsync()
        {
            Directory.Delete(work, recursive: true);
            return ValueTask.CompletedTask;
        }
    }
}
