using System.IO.Compression;
using System.Xml.Linq;
using Quilt.Testing;

namespace Quilt.Packages.Tests;

/// <summary>What a consumer gets. That it is restored and used is the quick start's (<see cref="QuickStartTests"/>).</summary>
public sealed class NuGetPackageTests(NuGetPackages packages)
{
    private static readonly string[] Ours = ["Quilt.Api", "Quilt.Client", "Quilt.Core"];

    [Fact]
    public void One_package_holds_all_that_is_ours_and_names_all_that_is_not()
    {
        using ZipArchive package = Open("nupkg");
        Assert.Superset(
            new HashSet<string>(["README.md", .. Ours.SelectMany(name => (string[])[$"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml"])]),
            package.Entries.Select(e => e.FullName).ToHashSet());
        using Stream nuspec = package.GetEntry("Quilt.Client.nuspec")!.Open();
        XElement[] said = [.. XDocument.Load(nuspec).Descendants()];
        Assert.Equal(
            ["Google.Protobuf", "Grpc.Net.Client", "Grpc.StatusProto", "Microsoft.Extensions.AI.Abstractions", "Microsoft.Extensions.DependencyInjection.Abstractions"],
            said.Where(e => e.Name.LocalName == "dependency").Select(e => e.Attribute("id")!.Value));
        Assert.All(["id", "version", "authors", "description", "readme", "tags"], name => Assert.Contains(said, e => e.Name.LocalName == name && e.Value.Length > 0));
    }

    [Fact]
    public async Task Nothing_in_its_readme_leads_to_where_a_consumer_has_nothing()
    {
        using ZipArchive package = Open("nupkg");
        using StreamReader readme = new(package.GetEntry("README.md")!.Open());
        string text = await readme.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Contains("RunContainerAsync", text, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\]\((?!https://)", text);
    }

    [Fact]
    public void The_symbols_have_the_sources_and_no_path_of_the_machine_that_built_them()
    {
        using ZipArchive symbols = Open("snupkg");
        Assert.Equal(Ours.Select(name => $"lib/net10.0/{name}.pdb"), symbols.Entries.Select(e => e.FullName).Where(n => n.EndsWith(".pdb", StringComparison.Ordinal)).Order());
        using ZipArchive package = Open("nupkg");
        foreach (ZipArchiveEntry entry in symbols.Entries.Concat(package.Entries).Where(e => e.FullName.StartsWith("lib/", StringComparison.Ordinal)))
        {
            using Stream content = entry.Open();
            using MemoryStream bytes = new();
            content.CopyTo(bytes);
            Assert.False(bytes.GetBuffer().AsSpan(0, (int)bytes.Length).IndexOf(System.Text.Encoding.UTF8.GetBytes(Sources.Root)) >= 0, $"{entry.FullName} names {Sources.Root}");
        }
    }

    [Fact]
    public async Task The_same_sources_make_the_same_packages()
    {
        using TemporaryFolder again = new();
        await NuGetPackages.MakeAsync(again.Path);
        Assert.All(Directory.EnumerateFiles(packages.Folder), file => Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(again[Path.GetFileName(file)])));
        Assert.Equal(2, Directory.EnumerateFiles(packages.Folder).Count());
    }

    private ZipArchive Open(string extension) => ZipFile.OpenRead(Assert.Single(Directory.EnumerateFiles(packages.Folder, $"Quilt.Client.*.{extension}")));
}
