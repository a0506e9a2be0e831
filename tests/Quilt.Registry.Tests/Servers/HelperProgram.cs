namespace Quilt.Registry.Tests.Servers;

/// <summary>A credential helper on PATH for one test: <c>docker-credential-quilt-test-NAME</c>.</summary>
internal sealed class HelperProgram : IDisposable
{
    private static readonly Lock Environments = new();
    private readonly TemporaryFolder _folder = new();

    public HelperProgram(string name, string script)
    {
        Name = "quilt-test-" + name;
        Path = _folder.Script("docker-credential-" + Name, script);
        lock (Environments)
        {
            Environment.SetEnvironmentVariable("PATH", $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}");
        }
    }

    /// <summary>As Docker's configuration has it.</summary>
    public string Name { get; }
    public string Path { get; }

    public void Dispose()
    {
        lock (Environments)
        {
            Environment.SetEnvironmentVariable("PATH", Environment.GetEnvironmentVariable("PATH")!.Replace(_folder.Path + ":", "", StringComparison.Ordinal));
        }

        _folder.Dispose();
    }
}
