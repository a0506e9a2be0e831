using Quilt.Build.Tests.Fixtures;
using Quilt.Images;

namespace Quilt.Build.Tests.Execution;

public sealed class CacheTests
{
    private const string Dockerfile = """
        FROM base
        ARG LEVEL=1
        COPY src /src
        RUN cat /src/a > /out; date +%N >> /out
        ENV X=1
        RUN echo $LEVEL > /level
        """;

    [Fact]
    public async Task A_second_build_runs_nothing_and_makes_the_same_image_and_another_process_too()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        build.Write("src/a", "a");
        StoredImage first = await build.RunAsync(Dockerfile);
        int ran = build.Runner.Count;
        File.SetLastWriteTimeUtc(Path.Combine(build.Context, "src/a"), DateTime.UnixEpoch);
        StoredImage second = await build.RunAsync(Dockerfile);
        Assert.Equal(first.Digest, second.Digest);
        Assert.Equal(ran, build.Runner.Count);
        Assert.Equal(3, build.Events.OfType<BuildEvent.StepDone>().Count(e => e.IsCached));
        StoredImage third = await build.NewBuilder().BuildAsync(build.Request(Dockerfile), build.Helpers, _ => { }, TestContext.Current.CancellationToken);
        Assert.Equal(first.Digest, third.Digest);
        Assert.Equal(ran, build.Runner.Count);
    }

    [Fact]
    public async Task What_a_step_depends_on_runs_it_anew_and_nothing_else_does()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        build.Write("src/a", "a");
        build.Write("unused", "1");
        await build.RunAsync(Dockerfile);
        Assert.Equal(2, build.Runner.Count);

        build.Write("unused", "2");
        await build.RunAsync(Dockerfile);
        Assert.Equal(2, build.Runner.Count);

        await build.RunAsync(build.Request(Dockerfile) with { Arguments = new Dictionary<string, string> { ["LEVEL"] = "2" } });
        Assert.Equal(4, build.Runner.Count);

        File.SetUnixFileMode(Path.Combine(build.Context, "src/a"), (UnixFileMode)0x1C0);
        await build.RunAsync(Dockerfile);
        Assert.Equal(6, build.Runner.Count);

        await build.RunAsync(build.Request(Dockerfile) with { IgnoresCache = true });
        Assert.Equal(8, build.Runner.Count);

        await build.RunAsync(build.Request(Dockerfile) with { CacheScope = "somebody else" });
        Assert.Equal(10, build.Runner.Count);

        build.Builder.PruneCache(DateTimeOffset.MaxValue);
        await build.RunAsync(Dockerfile);
        Assert.Equal(12, build.Runner.Count);
    }

    [Fact]
    public async Task A_proxy_is_given_to_commands_and_is_neither_kept_nor_part_of_the_key()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        const string dockerfile = "FROM base\nRUN test -n \"$HTTP_PROXY\"\n";
        BuildRequest request = build.Request(dockerfile) with { Arguments = new Dictionary<string, string> { ["HTTP_PROXY"] = "http://x" } };
        StoredImage image = await build.RunAsync(request);
        Assert.DoesNotContain(image.Document.History!, h => h.CreatedBy!.Contains("http://x", StringComparison.Ordinal));
        await build.RunAsync(request with { Arguments = new Dictionary<string, string> { ["HTTP_PROXY"] = "http://y" } });
        Assert.Equal(1, build.Runner.Count);
    }

    [Fact]
    public async Task A_layer_that_was_collected_is_made_again()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        build.Write("src/a", "a");
        StoredImage image = await build.RunAsync(Dockerfile);
        Directory.Delete(image.LayerFolders[^1], recursive: true);
        StoredImage again = await build.RunAsync(Dockerfile);
        Assert.Equal(3, build.Runner.Count);
        Assert.Equal("1\n", TestBuild.Read(again, "level"));
    }

    [Fact]
    public async Task With_a_source_date_two_builds_without_the_cache_are_one_image()
    {
        const string dockerfile = """
            FROM base AS made
            RUN mkdir /d && echo 1 > /d/a && ln /d/a /d/b && mkfifo /d/p
            WORKDIR /new/folder
            COPY src /src
            COPY <<E /inline
            x
            E
            RUN touch -d '2001-02-03 00:00:00' /d/old
            FROM base
            COPY --from=made / /all
            """;
        List<StoredImage> images = [];
        for (int i = 0; i < 2; i++)
        {
            using TestBuild build = await TestBuild.CreateAsync();
            build.Write("src/a", "a");
            build.Write("src/b/c", "c");
            File.SetLastWriteTimeUtc(Path.Combine(build.Context, "src/a"), DateTime.UnixEpoch.AddDays(20_000 + i * 100));
            StoredImage image = await build.RunAsync(build.Request(dockerfile) with
            {
                Arguments = new Dictionary<string, string> { ["SOURCE_DATE_EPOCH"] = "1700000000" },
            });
            images.Add(image);
            DateTimeOffset epoch = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
            Assert.Equal(epoch, image.CreatedAt);
            Assert.All(image.Document.History!.Where(h => h.Comment == "quilt.dockerfile.v0"), h => Assert.Equal(epoch, h.Created));
            string all = image.LayerFolders[^1];
            Assert.Equal(epoch.UtcDateTime, File.GetLastWriteTimeUtc(Path.Combine(all, "all/d/a")));
            Assert.Equal(new DateTime(2001, 2, 3, 0, 0, 0, DateTimeKind.Utc), File.GetLastWriteTimeUtc(Path.Combine(all, "all/d/old")));
        }

        Assert.Equal(images[0].Digest, images[1].Digest);
    }

    [Fact]
    public async Task Without_a_source_date_copied_files_still_make_the_same_layer()
    {
        List<string> layers = [];
        for (int i = 0; i < 2; i++)
        {
            using TestBuild build = await TestBuild.CreateAsync();
            build.Write("a", "a");
            File.SetLastWriteTimeUtc(Path.Combine(build.Context, "a"), DateTime.UnixEpoch.AddDays(20_000));
            StoredImage image = await build.RunAsync("FROM base\nWORKDIR /n\nCOPY a /x/y/\n");
            layers.Add(string.Join(' ', image.Layers.Select(l => l.DiffId)));
        }

        Assert.Equal(layers[0], layers[1]);
    }
}
