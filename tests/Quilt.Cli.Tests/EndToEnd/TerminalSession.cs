using System.Diagnostics;
using System.Text;
using Quilt.Linux;
using Quilt.Testing;

namespace Quilt.Cli.Tests;

/// <summary>quilt in a terminal of its own, as a person sits before it.</summary>
internal sealed class TerminalSession : IDisposable
{
    private readonly PseudoTerminal _terminal = PseudoTerminal.Open();
    private readonly FileDescriptor _peer;
    private readonly TerminalMode _before;
    private readonly Process _process;
    private readonly StringBuilder _shown = new();

    internal TerminalSession(CliDaemon daemon, TerminalSize size, params string[] words)
        : this(daemon, size, daemon.Start().FileName, words)
    {
    }

    private TerminalSession(CliDaemon daemon, TerminalSize size, string program, string[] words)
    {
        _terminal.Size = size;
        Sys.SetNonBlocking(_terminal.Controller);
        _peer = _terminal.OpenPeer();
        _before = TerminalMode.TryGet(_peer)!;
        string path = new FileInfo($"/proc/self/fd/{_peer.Number}").LinkTarget!;
        string[] command = ["-c", "exec setsid --ctty \"$@\" <\"$0\" >\"$0\" 2>\"$0\"", path, program, .. words];
        string folders = $"{Programs.Folder}:{Environment.GetEnvironmentVariable("PATH")}";
        _process = Process.Start(new ProcessStartInfo("sh", command) { Environment = { ["QUILT_HOST"] = daemon.Host, ["PATH"] = folders, ["PS1"] = "$ ", ["TERM"] = "dumb" } })!;
    }

    /// <summary>bash instead, which finds quilt, as nobody has set it up.</summary>
    internal static TerminalSession OfBash(CliDaemon daemon) => new(daemon, new TerminalSize(200, 24), "bash", ["--norc", "--noprofile", "-i"]);

    internal TerminalSize Size
    {
        set => _terminal.Size = value;
    }

    /// <summary>Whether the terminal is as it was before quilt began.</summary>
    internal bool IsAsBefore => TerminalMode.TryGet(_peer)!.Equals(_before);

    /// <summary>Waits until each key goes to the command as it is.</summary>
    internal Task HasTheKeys() => Deadline.Until(() => !IsAsBefore, TimeSpan.FromSeconds(30), "the terminal is raw");

    internal void Type(string keys) => Sys.WriteShared(_terminal.Controller, Encoding.UTF8.GetBytes(keys), "terminal");

    /// <summary>Waits until it is shown; what was shown up to then is not looked at again.</summary>
    internal async Task Until(string text)
    {
        int end = -1;
        await Deadline.Until(() => (end = Read().IndexOf(text, StringComparison.Ordinal)) >= 0, TimeSpan.FromSeconds(30), $"'{text}' in '{_shown}'");
        _shown.Remove(0, end + text.Length);
    }

    internal async Task<int> Ended()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        _process.Dispose();
        _peer.Dispose();
        _terminal.Dispose();
    }

    private string Read()
    {
        Span<byte> buffer = stackalloc byte[4096];
        int count;
        while ((count = Sys.TryRead(_terminal.Controller, buffer)) > 0)
        {
            _shown.Append(Encoding.UTF8.GetString(buffer[..count]));
        }

        return _shown.ToString();
    }
}
