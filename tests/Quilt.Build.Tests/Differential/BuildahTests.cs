using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quilt.Build.Tests.Execution;
using Quilt.Build.Tests.Fixtures;
using Quilt.Images;

namespace Quilt.Build.Tests.Differential;

/// <summary>
/// The same Dockerfiles by buildah and by us: equal files and equal configurations. What buildah 1.28 does not know
/// (here-documents, <c>--link</c>, <c>--parents</c>) or has another way than Docker's has tests of its own: it gives a WORKDIR
/// after USER to that user, runs a CMD by /bin/sh whatever SHELL says, heeds the escape directive in RUN alone, and removes a
/// folder of the base that something was mounted on.
/// </summary>
public sealed class BuildahTests(Buildah buildah) : IClassFixture<Buildah>
{
    /// <summary>
    /// buildah leaves in the image what its chroot isolation bound there; a base that has these folders already keeps them as they are.
    /// </summary>
    private static readonly string[] Bound = ["dev", "proc", "sys", "run", "etc/hosts", "etc/hostname", "etc/resolv.conf"];

    public static TheoryData<string> Corpus => [.. Directory.EnumerateDirectories(CorpusFolder()).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Corpus))]
    public async Task The_image_of_a_Dockerfile_is_the_one_that_buildah_makes(string name)
    {
        using TestBuild build = await TestBuild.CreateAsync();
        string source = Path.Combine(CorpusFolder(), name);
        CopyTests.Copy(source, build.Context);

        // What git does not keep: modes, links, and an archive.
        string prepare = Path.Combine(build.Context, "prepare.sh");
        if (File.Exists(prepare))
        {
            CopyTests.Run("/bin/sh", "-eu", "-c", $"cd {build.Context} && . ./prepare.sh && rm prepare.sh");
        }

        Dictionary<string, string> arguments = new() { ["GIVEN"] = "by the caller" };
        BuildRequest request = build.Request(await File.ReadAllTextAsync(Path.Combine(build.Context, "Dockerfile"), TestContext.Current.CancellationToken)) with { Arguments = arguments };
        StoredImage image = await build.RunAsync(request);

        buildah.Build(Path.Combine(build.Context, "Dockerfile"), build.Context, arguments.SelectMany(a => new[] { "--build-arg", $"{a.Key}={a.Value}" }), (folder, document) =>
        {
            Assert.Equal(WithoutBound(TreeText.Of([folder])), WithoutBound(TreeText.Of(image.LayerFolders)));
            Assert.Equal(Theirs(document["config"]!), Ours(image));
            Assert.Equal(document["author"]?.GetValue<string>() ?? "", image.Document.Author ?? "");
        });
    }

    private static string WithoutBound(string tree) => string.Join('\n', tree.Split('\n').Where(l => !Bound.Any(b => l.StartsWith(b + " ", StringComparison.Ordinal) || l.StartsWith(b + "/", StringComparison.Ordinal))));

    private static string Ours(StoredImage image)
    {
        using MemoryStream json = new();
        JsonSerializer.Serialize(json, image.Document, ImageJson.Default.ImageDocument);
        return Theirs(JsonNode.Parse(json.ToArray())!["config"]!);
    }

    /// <summary>In one form: empty is as good as not there, members are in order.</summary>
    private static string Theirs(JsonNode config)
    {
        string[] names = ["User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal", "Healthcheck", "OnBuild", "Shell"];
        List<string> lines = [];
        foreach (string name in names)
        {
            JsonNode? value = config[name];
            if (value is JsonObject members)
            {
                // buildah signs with its version.
                members.Remove("io.buildah.version");
                value = new JsonObject(members.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
            }

            bool isEmpty = value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 } || (value is JsonValue text && text.ToString() is "" or "/");
            if (!isEmpty)
            {
                lines.Add($"{name} {value!.ToJsonString()}");
            }
        }

        return string.Join('\n', lines);
    }

    private static string CorpusFolder([CallerFilePath] string caller = "") => Path.Combine(Path.GetDirectoryName(caller)!, "..", "Corpus");
}
