using System.Net.Sockets;
using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Images built of Dockerfiles, by a daemon and in its containers.</summary>
public sealed class BuildTests(DaemonFixture fixture)
{
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task A_dockerfile_becomes_an_image_whose_containers_run_as_it_says()
    {
        JsonElement built = await Build("built:1", """
            FROM quilt/busybox AS tools
            RUN echo made > /made
            FROM quilt/busybox
            ARG GREETING=hello
            ENV WORD=$GREETING
            WORKDIR /srv
            COPY --from=tools /made .
            COPY --chmod=755 run .
            RUN echo app:x:1000:1000::/srv:/bin/sh >> /etc/passwd && chown app /srv
            USER app
            LABEL kind=test
            CMD ["./run"]
            """, """{"files": {"run": "#!/bin/sh\ncat made; echo $WORD; id -un; pwd\n"}}""", more: ""","buildArgs":{"GREETING":"hi"}""");
        Container container = await _client.Run(new ContainerSpec { Image = "built:1" });
        Assert.Equal(0, (await _client.WaitExited(container.Id)).ExitCode);
        Assert.Equal("made\nhi\napp\n/srv\n", await _client.Logs(container.Id));
        JsonElement inspected = await _client.Tool("inspectImage", new { image = "built:1" });
        Assert.Equal("test", inspected.GetProperty("config").GetProperty("labels").Text("kind"));
        Assert.Equal(built.GetProperty("image").Text("digest"), inspected.GetProperty("image").Text("digest"));
        Assert.Contains(inspected.GetProperty("history").EnumerateArray(), h => h.Text("createdBy").Contains("echo app", StringComparison.Ordinal));
        await _client.Remove(container.Id);
        await _client.Tool("removeImage", new { image = "built:1" });
        await NoStepStays();
    }

    /// <summary>Of the containers of steps that there are, those of other tests' builds too.</summary>
    private async Task NoStepStays()
    {
        HashSet<string> left = [.. await Steps()];
        await Eventually(async () =>
        {
            left.IntersectWith(await Steps());
            return left.Count == 0;
        });

        async Task<IEnumerable<string>> Steps() =>
            (await _client.ListContainersAsync(new ListContainersRequest { Labels = { ["dev.quilt.build"] = "" }, All = true }, cancellationToken: Cancellation)).Containers.Select(c => c.Id);
    }

    [Fact]
    public async Task Further_contexts_have_names_and_go_before_stages_and_images()
    {
        await Build("named:1", """
            FROM Base
            COPY --from=extra word /word
            RUN --mount=type=bind,from=extra,target=/x cat /x/word > /again
            CMD ["cat", "/word", "/again"]
            """, """{"files":{"unused":""}}""", more: ""","namedContexts":{"base":{"image":"quilt/busybox"},"Extra":{"files":{"word":"hello "}}}""");
        Container container = await _client.Run(new ContainerSpec { Image = "named:1" });
        Assert.Equal(0, (await _client.WaitExited(container.Id)).ExitCode);
        Assert.Equal("hello hello ", await _client.Logs(container.Id));
        await _client.Remove(container.Id);
        await _client.Tool("removeImage", new { image = "named:1" });

        foreach ((string given, string field) in ((string, string)[])
            [("""{"x":{"image":"quilt/busybox","files":{"a":"b"}}}""", "namedContexts.x"), ("""{"x":{}}""", "namedContexts.x"), ("""{"x y":{"files":{"a":"b"}}}""", "namedContexts"), ("""{"x":{"files":{"../a":"b"}}}""", "namedContexts.x.files")])
        {
            ErrorDetail refused = await _client.ToolRefused("buildImage", $$"""{"dockerfileText":"FROM quilt/busybox","namedContexts":{{given}}}""");
            Assert.Equal(("invalid_argument", field), (refused.Code, refused.Field));
        }

        ErrorDetail files = await _client.ToolRefused("buildImage", """{"dockerfileText":"FROM x","namedContexts":{"x":{"files":{"a":"b"}}}}""");
        Assert.Equal(("invalid_argument", "dockerfile"), (files.Code, files.Field)); // where FROM stands
    }

    [Fact]
    public async Task What_was_done_before_is_not_done_again()
    {
        const string dockerfile = "FROM quilt/busybox\nCOPY a /a\nRUN cat /proc/sys/kernel/random/uuid > /id\n";
        string first = (await Build("cached:1", dockerfile, """{"files":{"a":"1"}}""")).GetProperty("image").Text("digest");
        JsonElement again = await Build("cached:2", dockerfile, """{"files":{"a":"1"}}""");
        Assert.All(again.GetProperty("steps").EnumerateArray().Where(s => !s.Text("instruction").StartsWith("FROM", StringComparison.Ordinal)), s => Assert.True(s.GetProperty("cached").GetBoolean()));
        Assert.NotEqual(first, (await Build("cached:3", dockerfile, """{"files":{"a":"2"}}""")).GetProperty("image").Text("digest"));
        Assert.NotEqual(first, (await Build("cached:4", dockerfile, """{"files":{"a":"1"}}""", more: ""","noCache":true""")).GetProperty("image").Text("digest"));
        foreach (string image in (string[])["cached:1", "cached:2", "cached:3", "cached:4"])
        {
            await _client.Tool("removeImage", new { image });
        }
    }

    [Fact]
    public async Task A_step_that_fails_is_told_with_its_exit_code_and_last_lines_and_leaves_nothing()
    {
        ErrorDetail failed = await _client.ToolRefused("buildImage", """{"tags":["failing:1"],"dockerfileText":"FROM quilt/busybox\nRUN echo a lot of words; exit 7\n"}""");
        Assert.Equal("failed_precondition", failed.Code);
        Assert.Contains("7", failed.Message, StringComparison.Ordinal);
        Assert.Contains("a lot of words", failed.Message, StringComparison.Ordinal);
        Assert.Equal("not_found", (await _client.ToolRefused("inspectImage", new { image = "failing:1" })).Code);
        await NoStepStays();
    }

    [Fact]
    public async Task A_mistake_in_a_dockerfile_is_told_with_its_line_and_a_hint()
    {
        ErrorDetail wrong = await _client.ToolRefused("buildImage", """{"dockerfileText":"FROM quilt/busybox\nRUM true\n"}""");
        Assert.Equal("invalid_argument", wrong.Code);
        Assert.Contains("RUM true", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("^", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("RUN", wrong.Message + wrong.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_reaches_no_network_and_is_confined_as_a_container_is()
    {
        JsonElement built = await Build("confined:1", """
            FROM quilt/busybox
            RUN ip -o link | wc -l > /links; wget -q -T 2 -O /dev/null http://192.0.2.1/ 2> /refused || true; grep NoNewPrivs /proc/self/status > /status; cat /proc/self/uid_map > /ids
            CMD cat /links /status /ids
            """);
        Container container = await _client.Run(new ContainerSpec { Image = "confined:1" });
        await _client.WaitExited(container.Id);
        string[] lines = (await _client.Logs(container.Id)).Split('\n');
        Assert.Equal("1", lines[0]);
        Assert.EndsWith("1", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain("4294967295", lines[2], StringComparison.Ordinal);
        await _client.Remove(container.Id);
        await _client.Tool("removeImage", new { image = "confined:1" });
        Assert.NotEmpty(built.GetProperty("image").Text("digest"));
    }

    [Fact]
    public async Task A_build_reaches_what_its_egress_names_and_by_a_range_never_the_host()
    {
        const string given = "11.22.33.44", sending = "11.22.33.55", metadata = "169.254.169.254";
        await using Outside outside = await Outside.StartAsync(given, sending, metadata);
        QuiltService.QuiltServiceClient client = outside.Daemon.Client;
        string[] homes = ["127.0.0.1", Outside.OwnAddress, metadata];
        foreach (string address in (string[])[given, .. homes])
        {
            outside.Serve(address, 80, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nanswer");
        }

        outside.Serve(sending, 80, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n");
        outside.Names["allowed.example"] = outside.Names["neighbour.example"] = given;
        await BuildAsync(
            $"FROM quilt/busybox\nADD http://{given}/ /word\nRUN grep -q answer /word; nc -w 5 {given} 80 </dev/null | grep -q answer; for home in {Outside.OwnAddress} {metadata}; do ! nc -w 5 $home 80 </dev/null | grep answer || exit 1; done", "0.0.0.0/0:80");
        await BuildAsync("FROM quilt/busybox\nRUN nc -w 5 allowed.example 80 </dev/null | grep -q answer\nRUN ! nc -w 5 neighbour.example 80 </dev/null | grep answer", "allowed.example:80");
        foreach (string address in (string[])[.. homes, sending, $"{given}:81", "127.0.0.1/x.git"])
        {
            ErrorDetail refused = await client.ToolRefused("buildImage", new { dockerfileText = $"FROM quilt/busybox\nADD http://{address} /word\n", egress = new[] { "0.0.0.0/0:80" } });
            Assert.Equal("permission_denied", refused.Code);
        }

        Task<JsonElement> BuildAsync(string dockerfile, string egress) => client.Tool("buildImage", new { dockerfileText = dockerfile, egress = new[] { egress } });
    }

    [Fact]
    public async Task A_secret_is_there_for_its_step_alone_and_in_no_part_of_the_image()
    {
        string word = $"sesame-{Guid.NewGuid():N}";
        await Build("secret:1", """
            FROM quilt/busybox
            RUN --mount=type=secret,id=key,uid=1000 grep -q ^open /run/secrets/key && stat -c %u /run/secrets/key > /owner
            RUN ! test -e /run/secrets/key
            CMD cat /owner
            """, more: $$""","secrets":{"key":"open, {{word}}"}""");
        Container container = await _client.Run(new ContainerSpec { Image = "secret:1" });
        await _client.WaitExited(container.Id);
        Assert.Equal("1000\n", await _client.Logs(container.Id));
        Assert.DoesNotContain(word, (await _client.Tool("inspectImage", new { image = "secret:1" })).GetRawText(), StringComparison.Ordinal);
        ProgramRun kept = await ProgramRun.OfAsync("grep", "-rlasF", "--devices=skip", word, fixture.Daemon.StateDir);
        Assert.Equal("", kept.Said);
        await _client.Remove(container.Id);
        await _client.Tool("removeImage", new { image = "secret:1" });
    }

    [Fact]
    public async Task A_cache_mount_is_kept_from_build_to_build_and_is_another_agents_not()
    {
        const string dockerfile = "FROM quilt/busybox\nARG N\nRUN --mount=type=cache,target=/cache echo $N >> /cache/log; cp /cache/log /log\nCMD cat /log\n";
        (string one, string other) = (await _client.Agent(), await _client.Agent());
        await Build("kept:1", dockerfile, more: ""","buildArgs":{"N":"1"}""", token: one);
        await Build("kept:2", dockerfile, more: ""","buildArgs":{"N":"2"}""", token: one);
        await Build("kept:3", dockerfile, more: ""","buildArgs":{"N":"3"}""", token: other);
        foreach ((string image, string log) in ((string, string)[])[("kept:2", "1\n2\n"), ("kept:3", "3\n")])
        {
            Container container = await _client.Run(new ContainerSpec { Image = image });
            await _client.WaitExited(container.Id);
            Assert.Equal(log, await _client.Logs(container.Id));
            await _client.Remove(container.Id);
        }

        foreach (string image in (string[])["kept:1", "kept:2", "kept:3"])
        {
            await _client.Tool("removeImage", new { image });
        }
    }

    [Fact]
    public async Task A_step_that_is_kept_is_found_again_by_its_own_agent_alone()
    {
        const string dockerfile = "FROM quilt/busybox\nRUN cat /proc/sys/kernel/random/uuid > /id\n";
        (string one, string other) = (await _client.Agent(), await _client.Agent());
        string first = await Id("own:1", one), again = await Id("own:2", one), others = await Id("own:3", other);
        Assert.Equal(first, again);
        Assert.NotEqual(first, others);
        foreach (string image in (string[])["own:1", "own:2", "own:3"])
        {
            await _client.Tool("removeImage", new { image });
        }

        async Task<string> Id(string image, string token)
        {
            await Build(image, dockerfile, token: token);
            Container container = await _client.Run(new ContainerSpec { Image = image, Command = { "cat", "/id" } });
            await _client.WaitExited(container.Id);
            string id = await _client.Logs(container.Id);
            await _client.Remove(container.Id);
            return id;
        }
    }

    [Fact]
    public async Task An_agent_builds_within_its_grant()
    {
        string token = await _client.Agent("""{"images":["quilt/*","mine/*"],"limits":{"containers":0}}""");
        Assert.Equal("permission_denied", (await _client.ToolRefused("buildImage", """{"tags":["other:1"],"dockerfileText":"FROM quilt/busybox\n"}""", token)).Code);
        Assert.Equal("permission_denied", (await _client.ToolRefused("buildImage", """{"dockerfileText":"FROM debian\n"}""", token)).Code);
        Assert.Equal("permission_denied", (await _client.ToolRefused("buildImage", """{"egress":["deb.debian.org:80"],"dockerfileText":"FROM quilt/busybox\n"}""", token)).Code);
        Assert.Equal("permission_denied", (await _client.ToolRefused("buildImage", """{"context":{"path":"/etc"},"dockerfileText":"FROM quilt/busybox\n"}""", token)).Code);
        ErrorDetail none = await _client.ToolRefused("buildImage", """{"tags":["mine/app:1"],"dockerfileText":"FROM quilt/busybox\nRUN true\n"}""", token);
        Assert.Equal("resource_exhausted", none.Code);
        Assert.Contains("containers", none.Message, StringComparison.Ordinal);
        await Build("mine/app:1", "FROM quilt/busybox\nCOPY a /\n", """{"files":{"a":"1"}}""", token: token);
        await _client.Tool("removeImage", new { image = "mine/app:1" }, token);
    }

    /// <summary>Whatever names their grants have in common: Quilt has named it, not they.</summary>
    [Fact]
    public async Task What_is_built_without_a_name_is_whose_builds_it_alone()
    {
        (string one, string other) = (await _client.Agent("""{"images":["quilt/busybox"]}"""), await _client.Agent("""{"images":["quilt/*"]}"""));
        JsonElement built = await _client.Tool("buildImage", new { context = new { files = new { secret = "secret" } }, dockerfileText = "FROM quilt/busybox\nCOPY secret /\n" }, one);
        string name = built.GetProperty("names")[0].GetString()!;
        ErrorDetail refused = await _client.ToolRefused("createContainer", new { image = name }, other);
        Assert.Equal(("permission_denied", "image"), (refused.Code, refused.Field));
        Assert.Equal("permission_denied", (await _client.ToolRefused("removeImage", new { image = name }, other)).Code);
        Assert.DoesNotContain(name, (await _client.Tool("listImages", token: other)).GetRawText(), StringComparison.Ordinal);
        Assert.Contains(name, (await _client.Tool("listImages", token: one)).GetRawText(), StringComparison.Ordinal);
        await _client.Tool("removeContainer", new { container = (await _client.Tool("createContainer", new { image = name }, one)).Id() }, one);
        await _client.Tool("removeImage", new { image = name }, one);
    }

    [Fact]
    public async Task A_folder_of_the_host_is_a_context_where_the_grant_has_it_and_no_link_leads_out()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["granted"]);
        await File.WriteAllTextAsync(folder["granted/Dockerfile"], "FROM quilt/busybox\nCOPY word /word\nCMD [\"cat\", \"/word\"]\n", Cancellation);
        await File.WriteAllTextAsync(folder["granted/word"], "good day\n", Cancellation);
        Directory.CreateDirectory(folder["secret"]);
        await File.WriteAllTextAsync(folder["secret/Dockerfile"], "FROM quilt/busybox\n", Cancellation);
        File.CreateSymbolicLink(folder["granted/out"], folder["secret"]);
        string token = await _client.Agent($$"""{"hostPaths":[{"path":"{{folder["granted"]}}"}]}""");
        await _client.Tool("buildImage", new { tags = new[] { "hosted:1" }, context = new { path = folder["granted"] } }, token);
        Container container = await _client.Run(new ContainerSpec { Image = "hosted:1" });
        await _client.WaitExited(container.Id);
        Assert.Equal("good day\n", await _client.Logs(container.Id));
        foreach (string path in (string[])[folder["granted/out"], folder["secret"], folder["granted/../secret"], folder["nowhere"]])
        {
            Assert.Equal("permission_denied", (await _client.ToolRefused("buildImage", new { context = new { path } }, token)).Code);
        }

        await File.WriteAllTextAsync(folder["granted/Dockerfile"], "FROM quilt/busybox\nCOPY out/Dockerfile /leaked\n", Cancellation);
        Assert.Equal("invalid_argument", (await _client.ToolRefused("buildImage", new { context = new { path = folder["granted"] } }, token)).Code);
        await _client.Remove(container.Id);
        await _client.Tool("removeImage", new { image = "hosted:1" });
    }

    [Fact]
    public async Task An_agent_of_ssh_is_spoken_with_more_often_than_it_is_at_once()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["context"]);
        await CProgram.BuildAsync("Images/dial.c", folder["context/dial"]);
        using Socket agent = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        agent.Bind(new UnixDomainSocketEndPoint(folder["agent"]));
        agent.Listen();
        List<Socket> left = []; // an agent that hangs up by itself would give its place back for the other
        Task answering = AnswerAsync();

        await _client.Tool("buildImage", new
        {
            tags = new[] { "dialling:1" },
            dockerfileText = "FROM quilt/busybox\nCOPY --chmod=755 dial /dial\nRUN --mount=type=ssh /dial 100\n",
            context = new { path = folder["context"] },
            ssh = new Dictionary<string, string> { ["default"] = folder["agent"] },
        });

        await answering;
        left.ForEach(s => s.Dispose());
        await _client.Tool("removeImage", new { image = "dialling:1" });

        async Task AnswerAsync()
        {
            byte[] heard = new byte[1];
            while (left.Count < 100)
            {
                left.Add(await agent.AcceptAsync(Cancellation));
                await left[^1].ReceiveAsync(heard, Cancellation);
                await left[^1].SendAsync(heard, Cancellation);
            }
        }
    }

    [Fact]
    public async Task A_context_that_is_exchanged_for_a_link_while_it_is_built_leads_nowhere_else()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["granted/context"]);
        Directory.CreateDirectory(folder["secret"]);
        await File.WriteAllTextAsync(folder["granted/context/word"], "own\n", Cancellation);
        await File.WriteAllTextAsync(folder["secret/word"], "secret\n", Cancellation);
        string token = await _client.Agent($$"""{"hostPaths":[{"path":"{{folder["granted"]}}","readOnly":false}]}""");
        Task<JsonElement> building = _client.Tool(
            "buildImage",
            new { tags = new[] { "exchanged:1" }, dockerfileText = "FROM quilt/busybox\nRUN until test -e /go; do sleep 0.05; done\nCOPY . /copied\nCMD [\"cat\", \"/copied/word\"]\n", context = new { path = folder["granted/context"] } }, token);
        Container? step = null;
        await Eventually(async () => (step = (await _client.ListContainersAsync(new ListContainersRequest { Labels = { ["dev.quilt.build"] = "" } }, cancellationToken: Cancellation)).Containers
            .FirstOrDefault(c => c.State == ContainerState.Running && c.Command.Any(w => w.Contains("/go", StringComparison.Ordinal)))) is not null);
        Directory.Move(folder["granted/context"], folder["granted/moved"]);
        File.CreateSymbolicLink(folder["granted/context"], folder["secret"]);
        await _client.Exec(step!.Id, "touch /go");
        await building;
        Container container = await _client.Run(new ContainerSpec { Image = "exchanged:1" });
        await _client.WaitExited(container.Id);
        Assert.Equal("own\n", await _client.Logs(container.Id));
        await _client.Remove(container.Id);
        await _client.Tool("removeImage", new { image = "exchanged:1" });
    }

    [Fact]
    public async Task An_image_for_another_platform_is_not_taken_for_the_one_that_is_asked_for()
    {
        ErrorDetail error = await _client.ToolRefused("buildImage", new { dockerfileText = "FROM --platform=linux/s390x quilt/busybox\nRUN true\n" });
        Assert.Contains("linux/s390x", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_that_is_given_up_leaves_no_container()
    {
        using CancellationTokenSource giving = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task<JsonElement> building = ToolCalls.Tool(_client, "buildImage", """{"dockerfileText":"FROM quilt/busybox\nRUN sleep 1000\n"}""", cancellation: giving.Token);
        await Eventually(async () => (await Steps()).Length == 1);
        await giving.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => building);
        await Eventually(async () => (await Steps()).Length == 0);
    }

    private async Task<Container[]> Steps() =>
        [.. (await _client.ListContainersAsync(new ListContainersRequest { Labels = { ["dev.quilt.build"] = "" } }, cancellationToken: Cancellation)).Containers.Where(c => c.Command is ["/bin/sh", "-c", "sleep 1000"])];

    private Task<JsonElement> Build(string tag, string dockerfile, string context = "null", string more = "", string? token = null) => _client.Tool(
        "buildImage", $$"""{"tags":["{{tag}}"],"dockerfileText":{{JsonSerializer.Serialize(dockerfile)}},"context":{{context}}{{more}}}""", token);
}
