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

    /// <summary>The same files as another version, such as one of before or after.</summary>
    public async Task<string> AsVersionAsync(string version)
    {
        string file = _folder[$"quilt-runtime_{version}_amd64.deb"];
        ProgramRun made = await ProgramRun.OfAsync(
            "bash", "-c", "dpkg-deb --raw-extract \"$0\" \"$2.files\" && sed -i \"s/^Version: .*/Version: $1/\" \"$2.files/DEBIAN/control\" && dpkg-deb -Znone --root-owner-group --build \"$2.files\" \"$2\"", File, version, file);
        Assert.True(made.ExitCode == 0, $"{version} {made}");
        return file;
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
