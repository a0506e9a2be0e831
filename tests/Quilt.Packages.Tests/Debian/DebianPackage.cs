using Quilt.Testing;

[assembly: AssemblyFixture(typeof(Quilt.Packages.Tests.DebianPackage))]

namespace Quilt.Packages.Tests;

/// <summary>The package of the programs in artifacts/bin, made as whoever releases it does, but not compressed.</summary>
public sealed class DebianPackage : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public string File { get; private set; } = "";

    public async ValueTask InitializeAsync() => File = await MakeAsync(_folder.Path);

    public static async Task<string> MakeAsync(string folder)
    {
        ProgramRun made = await ProgramRun.OfAsync(Sources.PathOf("packaging/deb.sh"), "--no-build", "--fast", folder);
        Assert.True(made.ExitCode == 0, $"deb.sh {made}");
        return made.Said.TrimEnd();
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
