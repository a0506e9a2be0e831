using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Quilt.Core;

namespace Quilt.Credentials;

/// <summary>A program that keeps credentials: <c>docker-credential-NAME</c>, asked on its input and answering on its output.</summary>
/// <seealso href="https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol"/>
internal sealed class CredentialHelper
{
    /// <summary>The user name that says that the secret is an identity token.</summary>
    private const string TokenUser = "<token>";
    private const string NotFound = "credentials not found";
    private const int LongestAnswer = 1 << 20;

    // Some ask their user for a password before they answer.
    private static readonly TimeSpan UsualTimeout = TimeSpan.FromMinutes(1);
    private readonly string _name, _program;
    private readonly TimeSpan _timeout;

    private CredentialHelper(string name, string program, TimeSpan timeout)
    {
        _name = name;
        _program = program;
        _timeout = timeout;
    }

    /// <param name="name">As Docker's configuration has it; with <c>docker-credential-</c> before it, a program on PATH.</param>
    /// <exception cref="QuiltException">InvalidArgument: no name of a program. FailedPrecondition: not there.</exception>
    internal static CredentialHelper Find(string name, TimeSpan? timeout = null)
    {
        if (name.Length is 0 or > 100 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw QuiltException.Invalid("credHelpers", $"'{Text.Printable(name)}' is not the name of a credential helper", "correct credHelpers or credsStore in Docker's config.json");
        }

        string file = "docker-credential-" + name;

        // Only what PATH names absolutely: a folder that one happens to be in shall not bring its own helper.
        string? program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Where(Path.IsPathRooted).Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
        return program is null
            ? throw new QuiltException(ErrorCode.FailedPrecondition, $"the credential helper {file} is not on PATH", "install it, or take it out of credHelpers and credsStore in Docker's config.json")
            : new CredentialHelper(name, program, timeout ?? UsualTimeout);
    }

    /// <returns>Null where it has none for that server.</returns>
    internal async Task<RegistryCredential?> GetAsync(string server, CancellationToken cancellation)
    {
        (int exitCode, string answer) = await RunAsync("get", server, cancellation).ConfigureAwait(false);
        if (exitCode != 0)
        {
            // One that fails after it has answered has said a secret, which is not to be told.
            return answer.Contains(NotFound, StringComparison.OrdinalIgnoreCase) ? null : throw Failed("get", answer.Contains(nameof(HelperCredential.Secret), StringComparison.Ordinal) ? "" : answer);
        }

        HelperCredential? found;
        try
        {
            found = JsonSerializer.Deserialize(answer, CredentialJson.Default.HelperCredential);
        }
        catch (JsonException)
        {
            // Its own message might quote the answer, and with it the secret.
            throw Failed("get", "its answer is not the JSON of a credential");
        }

        return string.IsNullOrEmpty(found?.Secret)
            ? null
            : new RegistryCredential { Username = found.Username ?? "", Secret = found.Secret, IsIdentityToken = found.Username == TokenUser };
    }

    internal async Task StoreAsync(string server, RegistryCredential credential, CancellationToken cancellation)
    {
        HelperCredential kept = new() { ServerURL = server, Username = credential.IsIdentityToken ? TokenUser : credential.Username, Secret = credential.Secret };
        (int exitCode, string answer) = await RunAsync("store", JsonSerializer.Serialize(kept, CredentialJson.Default.HelperCredential), cancellation).ConfigureAwait(false);
        if (exitCode != 0)
        {
            throw Failed("store", answer.Contains(credential.Secret, StringComparison.Ordinal) ? "" : answer);
        }
    }

    /// <summary>Nothing happens where there is none.</summary>
    internal async Task EraseAsync(string server, CancellationToken cancellation)
    {
        (int exitCode, string answer) = await RunAsync("erase", server, cancellation).ConfigureAwait(false);
        if (exitCode != 0 && !answer.Contains(NotFound, StringComparison.OrdinalIgnoreCase))
        {
            throw Failed("erase", answer);
        }
    }

    private async Task<(int ExitCode, string Answer)> RunAsync(string action, string input, CancellationToken cancellation)
    {
        using Process process = new();
        process.StartInfo = new ProcessStartInfo(_program, [action])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"the credential helper docker-credential-{_name} cannot be run: {e.Message}", "install it anew", inner: e);
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_timeout);
        try
        {
            Task<string> answer = ReadAnswerAsync(process.StandardOutput, limit.Token);
            await WriteAsync(process.StandardInput, input, limit.Token).ConfigureAwait(false);
            string text = await answer.ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return (process.ExitCode, text.Trim());
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new QuiltException(ErrorCode.DeadlineExceeded, $"the credential helper docker-credential-{_name} did not answer in {DurationText.Format(_timeout)}", "see whether it waits for a password, or take it out of Docker's config.json");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task WriteAsync(StreamWriter input, string text, CancellationToken cancellation)
    {
        try
        {
            await input.WriteAsync(text.AsMemory(), cancellation).ConfigureAwait(false);
            await input.FlushAsync(cancellation).ConfigureAwait(false);
            input.Close();
        }
        catch (IOException)
        {
            // It ended without having read; what it says on its output tells why.
        }
    }

    private async Task<string> ReadAnswerAsync(StreamReader output, CancellationToken cancellation)
    {
        char[] buffer = new char[LongestAnswer + 1];
        int count = await output.ReadBlockAsync(buffer, cancellation).ConfigureAwait(false);
        return count <= LongestAnswer ? new string(buffer, 0, count) : throw Failed("get", $"its answer has more than {LongestAnswer} characters");
    }

    private QuiltException Failed(string action, string why) =>
        new(ErrorCode.FailedPrecondition, $"the credential helper docker-credential-{_name} failed to {action}" + (why.Length == 0 ? "" : $": {Text.Printable(why)}"), "see that the helper works by itself, or take it out of Docker's config.json");
}
