using Quilt.Testing;

[assembly: AssemblyFixture(typeof(Quilt.Packages.Tests.NuGetPackages))]

namespace Quilt.Packages.Tests;

/// <summary>The client's packages, of what is built, in a folder that serves as a feed.</summary>
public sealed class NuGetPackages : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>As a checkout's is: what is made is in artifacts/packages of it.</summary>
    public string Checkout => _folder.Path;

    public string Folder => _folder["artifacts/packages"];

    public ValueTask InitializeAsync() => MakeAsync(Folder);

    public static async ValueTask MakeAsync(string folder)
    {
        ProgramRun made = await ProgramRun.OfAsync(Sources.PathOf("packaging/nuget.sh"), "--no-build", folder);
        Assert.True(made.ExitCode == 0, $"nuget.sh {made}");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
