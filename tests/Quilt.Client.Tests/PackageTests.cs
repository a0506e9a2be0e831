using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using Quilt.Testing;

namespace Quilt.Client.Tests;

/// <summary>What a consumer gets.</summary>
public sealed class PackageTests
{
    [Fact]
    public async Task One_package_holds_all_that_is_ours_and_names_all_that_is_not()
    {
        using TemporaryFolder folder = new();
        ProcessStartInfo start = new("dotnet", ["pack", Project(), "-c", "Release", "--no-build", "-o", folder.Path, "--nologo", "-v", "quiet"]) { RedirectStandardOutput = true };
        using Process pack = Process.Start(start)!;
        string output = await pack.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await pack.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(pack.ExitCode == 0, output);
        using ZipArchive package = ZipFile.OpenRead(Assert.Single(Directory.EnumerateFiles(folder.Path, "Quilt.Client.*.nupkg")));
        Assert.Superset(
            new HashSet<string> { "README.md", "lib/net10.0/Quilt.Client.dll", "lib/net10.0/Quilt.Client.xml", "lib/net10.0/Quilt.Api.dll", "lib/net10.0/Quilt.Core.dll" },
            package.Entries.Select(e => e.FullName).ToHashSet());
        using Stream nuspec = package.GetEntry("Quilt.Client.nuspec")!.Open();
        string[] needed = [.. XDocument.Load(nuspec).Descendants().Where(e => e.Name.LocalName == "dependency").Select(e => e.Attribute("id")!.Value)];
        Assert.Equal(["Google.Protobuf", "Grpc.Net.Client", "Grpc.StatusProto", "Microsoft.Extensions.AI.Abstractions", "Microsoft.Extensions.DependencyInjection.Abstractions"], needed);
    }

    private static string Project([CallerFilePath] string caller = "") => Path.Combine(Path.GetDirectoryName(caller)!, "..", "..", "src", "Quilt.Client");
}
