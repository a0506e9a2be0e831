using System.Diagnostics;

namespace Quilt.Testing;

/// <summary>A program that was run to its end.</summary>
/// <param name="Said">What it wrote to standard output.</param>
/// <param name="Errors">And to standard error.</param>
public sealed record ProgramRun(int ExitCode, string Said, string Errors)
{
    public static async Task<ProgramRun> OfAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new ProgramRun(process.ExitCode, said, await errors);
    }

    public static Task<ProgramRun> OfAsync(string program, params string[] arguments) => OfAsync(new ProcessStartInfo(program, arguments));

    public override string ToString() => $"ended with {ExitCode}\n{Said}\n{Errors}";
}
