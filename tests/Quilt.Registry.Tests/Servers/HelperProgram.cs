namespace Quilt.Registry.Tests.Servers;

/// <summary>A credential helper on PATH for one test: <c>docker-credential-quilt-test-NAME</c>.</summary>
internal sealed class HelperProgram : IAsyncDisposable
{
    private static readonly Lock Environments = new();
    private readonly TemporaryFolder _folder = new();

    private HelperProgram(string name) => (Name, Path) = ("quilt-test-" + name, _folder["docker-credential-quilt-test-" + name]);

    /// <summary>As Docker's configuration has it.</summary>
    public string Name { get; }
    public string Path { get; }

    public static async Task<HelperProgram> Make(string name, string script)
    {
        HelperProgram helper = new(name);
        await File.WriteAllTextAsync(helper.Path, script);
        File.SetUnixFileMode(helper.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        lock (Environments)
        {
            Environment.SetEnvironmentVariable("PATH", $"{helper._folder.Path}:{Environment.GetEnvironmentVariable("PATH")}");
        }

        return helper;
    }

    public ValueTask DisposeAsync()
    {
        lock (Environments)
        {
            Environment.SetEnvironmentVariable("PATH", Environment.GetEnvironmentVariable("PATH")!.Replace(_folder.Path + ":", "", StringComparison.Ordinal));
        }

        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
