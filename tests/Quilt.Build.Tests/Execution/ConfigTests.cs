using Quilt.Build.Tests.Fixtures;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Build.Tests.Execution;

public sealed class ConfigTests
{
    [Fact]
    public async Task Every_instruction_that_configures_an_image_does()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        StoredImage image = await build.RunAsync("""
            FROM scratch
            ENV A=1 B="two words" PATH=/bin
            ENV C="$A-${B#two }" A=3
            LABEL com.example.a="x y" b=$C
            EXPOSE 80 53/UDP 8000-8002/tcp
            VOLUME /data /more
            VOLUME ["/list", "/of paths"]
            USER 7:8
            WORKDIR /w
            WORKDIR sub/../in
            STOPSIGNAL SIGQUIT
            HEALTHCHECK --interval=30s --timeout=1500ms --start-period=1m --start-interval=2s --retries=5 CMD curl -f http://localhost/
            SHELL ["/bin/ash", "-ec"]
            ENTRYPOINT exec top
            CMD ["-b", "$A"]
            ONBUILD RUN echo $x
            MAINTAINER somebody <some@body>
            """);
        ImageDocumentConfig config = image.Document.Config!;
        Assert.Equal(["PATH=/bin", "A=3", "B=two words", "C=1-words"], config.Env);
        Assert.Equal([new("b", "1-words"), new("com.example.a", "x y")], config.Labels!);
        Assert.Equal(["53/udp", "80/tcp", "8000/tcp", "8001/tcp", "8002/tcp"], config.ExposedPorts!.Keys);
        Assert.Equal(["/data", "/list", "/more", "/of paths"], config.Volumes!.Keys);
        Assert.Equal(("7:8", "/w/in", "SIGQUIT"), (config.User, config.WorkingDir, config.StopSignal));
        Assert.Equal(["CMD-SHELL", "curl -f http://localhost/"], config.Healthcheck!.Test);
        Assert.Equal(
            (30_000_000_000L, 1_500_000_000L, 60_000_000_000L, 2_000_000_000L, 5),
            (config.Healthcheck.IntervalNanoseconds, config.Healthcheck.TimeoutNanoseconds, config.Healthcheck.StartPeriodNanoseconds, config.Healthcheck.StartIntervalNanoseconds, config.Healthcheck.Retries));
        Assert.Equal(["/bin/ash", "-ec", "exec top"], config.Entrypoint);
        Assert.Equal(["-b", "$A"], config.Cmd);
        Assert.Equal(["RUN echo $x"], config.OnBuild);
        Assert.Equal("somebody <some@body>", image.Document.Author);
        Assert.Equal("linux", image.Document.Os);
    }

    [Fact]
    public async Task An_entrypoint_of_the_child_takes_the_base_command_away_and_its_own_stays()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        StoredImage image = await build.RunAsync("FROM scratch AS a\nCMD [\"x\"]\nENTRYPOINT [\"y\"]\nFROM a\nENTRYPOINT [\"z\"]\n");
        Assert.Equal(["z"], image.Config.Entrypoint);
        Assert.Empty(image.Config.Cmd);
        image = await build.RunAsync("FROM scratch AS a\nCMD [\"x\"]\nFROM a\nCMD [\"v\"]\nENTRYPOINT [\"z\"]\n");
        Assert.Equal(["v"], image.Config.Cmd);
    }

    [Fact]
    public async Task Triggers_of_the_base_run_in_the_child_and_are_not_inherited_further()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        build.Write("f", "f");
        await build.RunAsync(build.Request("""
            FROM base
            ONBUILD ARG WHO=nobody
            ONBUILD COPY f /from-child
            ONBUILD RUN echo $WHO > /who
            """) with { Tags = [ImageReference.Parse("test/parent")] });
        StoredImage child = await build.RunAsync(build.Request("FROM test/parent\nRUN cp /who /again\n") with { Arguments = new Dictionary<string, string> { ["WHO"] = "me" } });
        Assert.Equal("me\n", TestBuild.Read(child, "again"));
        Assert.Equal("f", TestBuild.Read(child, "from-child"));
        Assert.Null(child.Document.Config!.OnBuild);
    }

    [Fact]
    public async Task Arguments_come_from_the_caller_the_stage_and_the_global_scope_in_that_order()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        StoredImage image = await build.RunAsync(build.Request("""
            ARG G=global
            ARG H=${G}-h
            ARG BASE=base
            FROM ${BASE}
            LABEL undeclared="$G"
            ARG G
            ARG H=own
            ARG GIVEN=default
            ARG TARGETARCH
            ARG TARGETPLATFORM BUILDOS
            ENV E=env
            ARG E=arg
            LABEL g=$G h=$H given=$GIVEN arch=$TARGETPLATFORM:$BUILDOS e=$E
            """) with { Arguments = new Dictionary<string, string> { ["GIVEN"] = "caller", ["UNKNOWN"] = "x" }, Platform = new Platform { Os = "linux", Architecture = "amd64" } });
        Assert.Equal(
            [new("arch", "linux/amd64:linux"), new("e", "env"), new("g", "global"), new("given", "caller"), new("h", "own"), new("undeclared", "")],
            image.Config.Labels.OrderBy(l => l.Key, StringComparer.Ordinal));
        Assert.Contains(build.Events.OfType<BuildEvent.Warned>(), w => w.Warning is { Rule: "UndefinedVar", Position.Line: 5 });
        Assert.Contains(build.Events.OfType<BuildEvent.Warned>(), w => w.Warning.Rule == "UnusedBuildArgument" && w.Warning.Message.Contains("UNKNOWN", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("EXPOSE 0", 8, "'0' is no port")]
    [InlineData("EXPOSE 9-8", 8, "'9-8' is no port")]
    [InlineData("EXPOSE 80/icmp", 8, "'80/icmp' is no port")]
    [InlineData("EXPOSE 70000", 8, "'70000' is no port")]
    [InlineData("STOPSIGNAL SIGNOPE", 12, "'SIGNOPE' is no signal")]
    [InlineData("USER $NOBODY", 6, "the user comes out empty")]
    [InlineData("ENV $NONE=x", 5, "the name comes out empty")]
    [InlineData("ENV A=\"${B:?is needed}\"", 8, "B: is needed")]
    [InlineData("LABEL a='b", 9, "the single quote does not end")]
    public async Task A_value_that_cannot_be_is_told_at_its_place(string line, int column, string what)
    {
        using TestBuild build = await TestBuild.CreateAsync();
        QuiltException error = await Assert.ThrowsAsync<QuiltException>(() => build.RunAsync($"FROM base\n{line}\n"));
        Assert.StartsWith($"Dockerfile:2:{column}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_without_files_is_one_and_labels_of_the_request_are_on_it()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        StoredImage image = await build.RunAsync(build.Request("FROM scratch\nLABEL a=1 b=2\n") with { Labels = new Dictionary<string, string> { ["b"] = "3" }, Tags = [] });
        Assert.Equal([new("a", "1"), new("b", "3")], image.Config.Labels.OrderBy(l => l.Key, StringComparer.Ordinal));
        Assert.True(image.IsDangling);
        Assert.Equal("", TreeText.Of(image.LayerFolders));
    }

    [Fact]
    public async Task A_variable_with_something_in_its_place_is_not_warned_of_and_all_ports_are_exposed_at_once()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        StoredImage image = await build.RunAsync("FROM base\nENV A=${NONE:-x} B=${NONE+y}\nEXPOSE 1-65535\n");
        Assert.DoesNotContain(build.Events, e => e is BuildEvent.Warned);
        Assert.Equal(65_535, image.Config.ExposedPorts.Count);
    }

    [Theory]
    [InlineData("FROM base")]
    [InlineData("ONBUILD RUN x")]
    [InlineData("RUM x")]
    public async Task A_trigger_that_a_base_should_not_have_is_told_as_the_base_is_at_fault(string trigger)
    {
        using TestBuild build = await TestBuild.CreateAsync();
        using ImageLease lease = build.Store.Lease();
        ImageDocument document = build.Busybox.Document with { Config = new ImageDocumentConfig { OnBuild = [trigger] } };
        await build.Store.WriteImageAsync(lease, [ImageReference.Parse("test/hostile")], document, build.Busybox.Layers, TestContext.Current.CancellationToken);
        QuiltException error = await Assert.ThrowsAsync<QuiltException>(() => build.RunAsync("FROM test/hostile\n"));
        Assert.StartsWith("ONBUILD of test/hostile:1:1: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_layer_has_a_history_entry_where_the_base_has_none()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        StoredImage image = await build.RunAsync("FROM base\nLABEL a=1\nCOPY <<E /x\nE\n");
        Assert.Equal(image.Layers.Count, image.Document.History!.Count(h => h.EmptyLayer != true));
        Assert.Equal(["LABEL a=1", "COPY <<E /x"], image.Document.History!.TakeLast(2).Select(h => h.CreatedBy));
    }

    [Fact]
    public async Task Warnings_end_the_build_where_the_file_says_so()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        QuiltException error = await Assert.ThrowsAsync<QuiltException>(() => build.RunAsync("# check=error=true\nFROM base\nMAINTAINER x\n"));
        Assert.StartsWith("Dockerfile:3:1: MaintainerDeprecated", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_tell_of_each_step_in_order_with_its_text_and_output()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        await build.RunAsync("FROM base AS only\nRUN echo out; echo err >&2\nCMD [\"x\"]\n");
        Assert.Equal(
            [(1, "only", 1, 3, "FROM base AS only"), (2, "only", 2, 3, "RUN echo out; echo err >&2"), (3, "only", 3, 3, "CMD [\"x\"]")],
            build.Events.OfType<BuildEvent.StepStarted>().Select(s => (s.Step, s.Stage, s.Number, s.Count, s.Text)));
        Assert.Equal(
            ["err\n", "out\n"],
            build.Events.OfType<BuildEvent.Output>().Where(o => o.Step == 2).Select(o => System.Text.Encoding.UTF8.GetString(o.Bytes.Span)).Order(StringComparer.Ordinal));
        Assert.Equal([1, 2, 3], build.Events.OfType<BuildEvent.StepDone>().Select(d => d.Step));
    }
}
