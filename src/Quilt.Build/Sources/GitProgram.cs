using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

/// <summary>The host's git, kept short: no shell, no hooks, no configuration but ours, no protocol but https and http, no privileges.</summary>
internal sealed partial class GitProgram(RemoteOptions options)
{
    private const int KeptErrorBytes = 4 << 10;

    /// <summary>Fetches one commit without its history.</summary>
    internal async Task<GitCheckout> CheckOutAsync(Uri repository, string? reference, string folder, bool keepGitFolder, CancellationToken cancellation)
    {
        if (reference is not null && !Reference().IsMatch(reference))
        {
            throw QuiltException.Invalid("reference", $"'{Text.Printable(reference)}' is no branch, tag or commit", "give a name as git has it");
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(options.Timeout);
        DnsEndPoint host = new(repository.IdnHost, repository.Port);
        IPAddress address = (await DialledAddresses.OfAsync(host, options, limit.Token).ConfigureAwait(false))[0];

        // The builder's folder is for root alone, and git is nobody: it gets one of its own, whose files are taken over then.
        string work = Directory.CreateTempSubdirectory(Prefix(options.Instance)).FullName;
        try
        {
            if (Environment.IsPrivilegedProcess)
            {
                Sys.Chown(work, UnprivilegedProgram.Nobody, UnprivilegedProgram.Nobody);
            }

            await RunAsync(work, ["init", "--quiet", "--template=", "--initial-branch=main", "."], limit.Token).ConfigureAwait(false);

            // The name means the address that was asked about, whatever git would find; and no redirect leads to another.
            string pinned = $"http.curloptResolve={host.Host}:{host.Port.ToString(CultureInfo.InvariantCulture)}:{(address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]" : address)}";
            await RunAsync(work, ["-c", pinned, "-c", "http.followRedirects=false", "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", repository.AbsoluteUri, reference ?? "HEAD"], limit.Token).ConfigureAwait(false);
            await RunAsync(work, ["checkout", "--quiet", "--detach", "FETCH_HEAD"], limit.Token).ConfigureAwait(false);
            string[] told = (await RunAsync(work, ["show", "--no-patch", "--format=%H %ct", "HEAD"], limit.Token).ConfigureAwait(false)).Split(' ');
            if (!keepGitFolder)
            {
                FolderRemoval.Remove(Path.Combine(work, ".git")); // nobody's, and any process of nobody's may put a link in it
            }

            TakeOver(work, folder, limit.Token);
            return new GitCheckout(told[0], DateTimeOffset.FromUnixTimeSeconds(long.Parse(told[1], CultureInfo.InvariantCulture)));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new QuiltException(ErrorCode.DeadlineExceeded, $"'{RemoteSources.Shown(repository)}' did not come within {DurationText.Format(options.Timeout)}", "try again, or put the files into the build's context");
        }
        finally
        {
            FolderRemoval.Begin(work);
        }
    }

    /// <summary>Removes what a daemon left that was killed while git ran.</summary>
    internal static void RemoveAbandoned(string instance)
    {
        string temporary = Path.GetTempPath();
        foreach (string folder in Directory.Exists(temporary) ? Directory.EnumerateDirectories(temporary, Prefix(instance) + "*") : [])
        {
            // Anybody may make a folder of that name there, and fill it for as long as it is emptied.
            if (Sys.TryStatus(folder)?.Uid is 0 or UnprivilegedProgram.Nobody)
            {
                FolderRemoval.Begin(folder);
            }
        }
    }

    private static string Prefix(string instance) => $"quilt-git-{instance}-";

    private static void TakeOver(string work, string folder, CancellationToken cancellation)
    {
        using TreeSource files = new([work]) { BelongsToRoot = true };
        using ImageTreeNode root = files.Tree.Root();
        using FileDescriptor target = Sys.Open(folder, OpenMode.ReadOnly | OpenMode.Directory);
        TreeWriter.WriteChildren(files, root, target, cancellation);
        Sys.SetPermissions(target, 0x1ED);
    }

    /// <summary>On a thread that stays for as long as git does: it ends with it, should this process be killed.</summary>
    private Task<string> RunAsync(string folder, IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        Task.Factory.StartNew(() => Run(folder, arguments, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private string Run(string folder, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        ProcessStartInfo start = UnprivilegedProgram.Describe(
            [$"--fsize={options.MostBytes.ToString(CultureInfo.InvariantCulture)}"],
            ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.symlinks=true", "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "safe.directory=*", .. arguments],
            endsWithThread: true);
        start.WorkingDirectory = folder;
        foreach ((string name, string value) in new Dictionary<string, string>
        {
            ["HOME"] = "/nonexistent",
            ["GIT_ALLOW_PROTOCOL"] = "https:http",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_ASKPASS"] = "/bin/false",
        })
        {
            start.Environment[name] = value;
        }

        using Process git = UnprivilegedProgram.TryStart(start)
            ?? throw new QuiltException(ErrorCode.FailedPrecondition, "the host has no git, or nothing to run it without privileges", "install git and util-linux on the host");
        git.StandardInput.Close();
        try
        {
            // A server says there what it likes, for as long as it likes.
            TextTail output = new(), errors = new();
            Task.WaitAll([output.Fill(git.StandardOutput), errors.Fill(git.StandardError), git.WaitForExitAsync(cancellation)], cancellation);
            return git.ExitCode == 0 ? output.ToString().Trim() : throw Failed(arguments, errors.ToString());
        }
        catch (OperationCanceledException)
        {
            git.Kill(entireProcessTree: true);
            git.WaitForExit();
            throw;
        }
    }

    private static QuiltException Failed(IReadOnlyList<string> arguments, string errors)
    {
        string shown = errors.Length > KeptErrorBytes ? errors[^KeptErrorBytes..] : errors;
        string told = string.Join("; ", shown.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(l => Text.Printable(l)).TakeLast(3));
        return new QuiltException(ErrorCode.Unavailable, $"git {arguments.First(a => !a.StartsWith('-') && !a.Contains('=', StringComparison.Ordinal))} failed: {told}", "see whether the repository and its reference are right; private ones are not fetched");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_./@+-]{0,250}\z")]
    private static partial Regex Reference();
}
