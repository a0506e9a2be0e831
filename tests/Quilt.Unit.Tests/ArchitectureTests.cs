using System.Text.RegularExpressions;
using System.Xml.Linq;
using Quilt.Testing;
using Xunit;

namespace Quilt.Unit.Tests;

/// <summary>Dependencies between the projects go one way, and each is one that was meant.</summary>
public sealed partial class ArchitectureTests
{
    /// <summary>What each project may refer to. A change here is a change of the design: see docs/architecture.md.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Quilt.Core"] = [],
        ["Quilt.Oci"] = ["Quilt.Core"],
        ["Quilt.Linux"] = ["Quilt.Core", "Quilt.Oci"],
        ["Quilt.Seccomp"] = ["Quilt.Core", "Quilt.Oci", "Quilt.Linux"],
        ["Quilt.Launch"] = ["Quilt.Core", "Quilt.Oci", "Quilt.Linux", "Quilt.Seccomp"],
        ["Quilt.Shim.Contract"] = ["Quilt.Core", "Quilt.Oci", "Quilt.Linux"],
        ["Quilt.Images"] = ["Quilt.Core", "Quilt.Linux"],
        ["Quilt.Credentials"] = ["Quilt.Linux"],
        ["Quilt.Registry"] = ["Quilt.Images", "Quilt.Credentials"],
        ["Quilt.Build"] = ["Quilt.Core", "Quilt.Images", "Quilt.Linux"],
        ["Quilt.Api"] = ["Quilt.Core"],
        ["Quilt.Client"] = ["Quilt.Core", "Quilt.Api"],
        ["Quilt.Cognition.Contract"] = ["Quilt.Core"],
        ["Quilt.Cognition"] = ["Quilt.Core", "Quilt.Cognition.Contract"],
        ["Quilt.Storage"] = ["Quilt.Core"],
        ["Quilt.Network"] = ["Quilt.Core", "Quilt.Linux", "Quilt.Storage"],
        ["Quilt.Engine"] = ["Quilt.Core", "Quilt.Storage", "Quilt.Network", "Quilt.Oci", "Quilt.Linux", "Quilt.Seccomp", "Quilt.Shim.Contract", "Quilt.Images", "Quilt.Build"],
        ["Quilt.Aria"] = ["Quilt.Engine", "Quilt.Cognition.Contract", "Quilt.Registry"],
        ["quiltd"] = ["Quilt.Api", "Quilt.Aria"],
        ["quilt"] = ["Quilt.Api", "Quilt.Build", "Quilt.Core", "Quilt.Credentials", "Quilt.Linux"],
        ["quilt-shim"] = ["Quilt.Launch", "Quilt.Shim.Contract"],
        ["quilt-oci"] = ["Quilt.Launch"],
        ["quilt-cognition"] = ["Quilt.Client", "Quilt.Cognition", "Quilt.Seccomp"],
    };

    private static readonly string Source = Sources.PathOf("src");

    public static TheoryData<string> Projects => [.. Directory.EnumerateFiles(Source, "*.csproj", SearchOption.AllDirectories).Select(p => Path.GetFileNameWithoutExtension(p))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_to_those_below_it_alone(string project)
    {
        Assert.True(Allowed.TryGetValue(project, out string[]? allowed), $"{project} is new: say in ArchitectureTests what it may refer to");
        string[] actual = [.. References(project)];
        Assert.All(actual, reference => Assert.Contains(reference, allowed));
    }

    /// <summary>By which whoever reads the log tells one from another.</summary>
    [Fact]
    public void Each_line_of_the_log_has_a_number_of_its_own()
    {
        string[] numbers = [.. Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories).SelectMany(f => EventId().Matches(File.ReadAllText(f))).Select(m => m.Value)];
        Assert.True(numbers.Length > 30);
        Assert.DoesNotContain(numbers.CountBy(n => n), n => n.Value > 1);
    }

    [Fact]
    public void Nothing_that_goes_through_a_compiler_at_run_time_can_clone()
    {
        // The code between clone and exec has to be compiled ahead: the daemon and its engine reach the launcher through a shim alone.
        Assert.DoesNotContain("Quilt.Launch", Reachable("quiltd"));
    }

    [Fact]
    public void No_reader_of_documents_and_no_client_of_a_provider_is_in_the_daemon()
    {
        // Documents are hostile, and their libraries are large: both live in quilt-cognition, behind a contract.
        Assert.DoesNotContain("Quilt.Cognition", Reachable("quiltd"));
    }

    private static HashSet<string> Reachable(string project)
    {
        HashSet<string> found = [];
        Stack<string> left = new([project]);
        while (left.TryPop(out string? next))
        {
            foreach (string reference in References(next).Where(found.Add))
            {
                left.Push(reference);
            }
        }

        return found;
    }

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(Path.Combine(Source, project, project + ".csproj")).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));

    [GeneratedRegex("EventId = [0-9]+")]
    private static partial Regex EventId();
}
