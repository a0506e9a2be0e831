using System.Diagnostics;
using System.Text;
using Quilt.Linux;
using Quilt.Testing;

[assembly: AssemblyFixture(typeof(Quilt.Cli.Tests.CliDaemon))]

namespace Quilt.Cli.Tests;

/// <summary>A quiltd of the tests' own, and the built quilt to use it with.</summary>
public sealed class CliDaemon : IAsyncLifetime
{
    private static readonly string Program = Path.Combine(Programs.Folder, "quilt");
    private DaemonProcess? _daemon;

    public string Host => $"unix://{_daemon!.Socket}";

    public async ValueTask InitializeAsync() => _daemon = await DaemonProcess.StartInGroupAsync("quilt-tests");

    public ValueTask DisposeAsync() => _daemon!.DisposeAsync();

    public ProcessStartInfo Start(params string[] words) => new(Program, words)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["QUILT_HOST"] = Host },
    };

    public Task<CliResult> Run(params string[] words) => Run(words, []);

    /// <summary>As <see cref="Run(string[])"/>, with more in the environment and a text as stdin.</summary>
    public async Task<CliResult> RunWith(IReadOnlyDictionary<string, string> environment, string? stdin, params string[] words)
    {
        ProcessStartInfo start = Start(words);
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        return await Finish(process, Encoding.UTF8.GetBytes(stdin ?? ""));
    }

    /// <summary>A whole run, its stdin given and then closed.</summary>
    public async Task<CliResult> Run(string[] words, byte[] stdin)
    {
        using Process process = Process.Start(Start(words))!;
        return await Finish(process, stdin);
    }

    public static async Task<CliResult> Finish(Process process, byte[]? stdin = null)
    {
        Task<byte[]> output = ReadAll(process.StandardOutput.BaseStream), error = ReadAll(process.StandardError.BaseStream);
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(stdin ?? []);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It read no more of it.
        }

        byte[] bytes = await output;
        string text = Encoding.UTF8.GetString(await error);
        await process.WaitForExitAsync();
        return new CliResult(process.ExitCode, bytes, text);
    }

    private static async Task<byte[]> ReadAll(Stream from)
    {
        using MemoryStream all = new();
        await from.CopyToAsync(all);
        return all.ToArray();
    }
}

public sealed record CliResult(int ExitCode, byte[] Bytes, string Stderr)
{
    public string Stdout => Encoding.UTF8.GetString(Bytes);
}
