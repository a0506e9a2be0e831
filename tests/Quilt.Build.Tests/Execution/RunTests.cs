using Quilt.Build.Tests.Fixtures;
using Quilt.Core;
using Quilt.Images;
using Quilt.Testing;

namespace Quilt.Build.Tests.Execution;

public sealed class RunTests
{
    [Fact]
    public async Task A_command_sees_variables_arguments_folder_and_user_and_its_files_are_the_layer()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        StoredImage image = await build.RunAsync("""
            ARG VERSION=1
            FROM base
            ARG VERSION
            ARG MODE=slow
            ENV MODE=fast NAME="a b"
            RUN echo 'app:x:1234:1234::/home/app:/bin/sh' >> /etc/passwd
            WORKDIR /srv/app
            RUN chown app .
            USER app
            RUN echo "$VERSION $MODE $NAME $PWD $(id -un) $HOME" > out
            """);
        Assert.Equal("1 fast a b /srv/app app /home/app\n", TestBuild.Read(image, "srv/app/out"));
        Assert.Equal("app", image.Config.User);
        Assert.Equal("/srv/app", image.Config.WorkingDir);
        Assert.Contains("MODE=fast", image.Config.Env);
        Assert.DoesNotContain(image.Config.Env, e => e.StartsWith("VERSION=", StringComparison.Ordinal));
        Assert.Contains(image.Document.History!, h => h.CreatedBy == "RUN |2 VERSION=1 MODE=slow /bin/sh -c echo \"$VERSION $MODE $NAME $PWD $(id -un) $HOME\" > out");
    }

    [Fact]
    public async Task What_a_command_removes_is_gone_and_nothing_of_the_runner_stays()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        build.Write("bound/file", "x");
        StoredImage image = await build.RunAsync("""
            FROM base
            RUN mkdir -p /a/b && echo 1 > /a/one && echo 2 > /a/two
            RUN --mount=type=bind,source=bound,target=/new/mount --mount=type=tmpfs,target=/other --mount=type=secret,id=none \
                cat /new/mount/file > /a/copied && rm /a/one && rm -r /a/b
            """);
        Assert.Equal("a/copied Regular 644 0:0 2d711642b726\na/two Regular 644 0:0 53c234e5e847", TreeText.Of(image.LayerFolders, "a"));
        using ImageTree top = ImageTree.Open([image.LayerFolders[^1]]);
        using ImageTreeNode root = top.Root();
        Assert.Equal(["a"], root.Children().Select(c => c.Name));
    }

    [Fact]
    public async Task A_failing_command_is_told_with_its_place_code_and_last_lines_and_names_no_image()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        QuiltException error = await Assert.ThrowsAsync<QuiltException>(() => build.RunAsync("FROM base\nRUN true\nRUN echo first; seq 1 50; echo bad >&2; exit 3\n"));
        Assert.Equal(ErrorCode.FailedPrecondition, error.Code);
        Assert.StartsWith("Dockerfile:3:1: the command ended with exit code 3\n 3 | RUN echo first", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("\n  50\n  bad", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("first\n", error.Message, StringComparison.Ordinal);
        Assert.Null(build.Store.TryFind(ImageReference.Parse("test/image")));
        Assert.Contains(build.Events, e => e is BuildEvent.StepFailed);
        Assert.Empty(Directory.EnumerateFileSystemEntries(build["build/work"]));
    }

    [Theory]
    [InlineData("RUN sh -c 'kill -9 $$'; exit $?", "was ended by SIGKILL (exit code 137)")]
    [InlineData("RUN nosuchthing", "was not found (exit code 127)")]
    [InlineData("RUN true > /x; /x", "could not be executed (exit code 126)")]
    public async Task How_a_command_ended_is_said_in_words(string line, string how)
    {
        using TestBuild build = await TestBuild.CreateAsync();
        QuiltException error = await Assert.ThrowsAsync<QuiltException>(() => build.RunAsync($"FROM base\n{line}\n"));
        Assert.Contains(how, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Here_documents_are_scripts_of_the_shell_or_of_what_they_name()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        StoredImage image = await build.RunAsync("""
            FROM base
            ARG x=1
            RUN <<EOF
            echo "$x" > /one
            echo '$x' >> /one
            EOF
            RUN <<-'EOF'
            	#!/usr/bin/awk -f
            	BEGIN { print "by awk" > "/two" }
            	EOF
            RUN cat > /three <<A && cat > /four <<'B'
            x is $x
            A
            x is $x
            B
            """);
        Assert.Equal("1\n$x\n", TestBuild.Read(image, "one"));
        Assert.Equal("by awk\n", TestBuild.Read(image, "two"));
        Assert.Equal("x is 1\n", TestBuild.Read(image, "three"));
        Assert.Equal("x is $x\n", TestBuild.Read(image, "four"));
    }

    [Fact]
    public async Task A_cache_mount_outlives_builds_and_is_no_part_of_the_image()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        const string dockerfile = "FROM base\nARG N\nRUN --mount=type=cache,target=/cache,mode=0700,uid=7 echo $N >> /cache/log; stat -c '%a %u' /cache > /stat; cp /cache/log /seen\n";
        await build.RunAsync(build.Request(dockerfile) with { Arguments = new Dictionary<string, string> { ["N"] = "1" } });
        StoredImage image = await build.RunAsync(build.Request(dockerfile) with { Arguments = new Dictionary<string, string> { ["N"] = "2" } });
        Assert.Equal("1\n2\n", TestBuild.Read(image, "seen"));
        Assert.Equal("700 7\n", TestBuild.Read(image, "stat"));
        Assert.DoesNotContain(TreeText.Of(image.LayerFolders).Split('\n'), l => l.StartsWith("cache", StringComparison.Ordinal));
        StoredImage other = await build.RunAsync(build.Request(dockerfile) with { CacheScope = "somebody else", Arguments = new Dictionary<string, string> { ["N"] = "3" } });
        Assert.Equal("3\n", TestBuild.Read(other, "seen"));
        Assert.True(build.Builder.CacheBytes() > 0);
        Assert.True(build.Builder.PruneCache(DateTimeOffset.MaxValue) > 0);
        Assert.Equal(0, build.Builder.CacheBytes());
    }

    [Fact]
    public async Task A_cache_can_begin_with_files_of_a_stage()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        StoredImage image = await build.RunAsync("""
            FROM base AS seed
            RUN mkdir -p /s/t && echo seeded > /s/t/file && ln -s file /s/t/link
            FROM base
            RUN --mount=type=cache,target=/cache,from=seed,source=/s cat /cache/t/link > /seen
            """);
        Assert.Equal("seeded\n", TestBuild.Read(image, "seen"));
    }

    [Theory]
    [InlineData("shared", "2")]
    [InlineData("private", "1")]
    [InlineData("locked", "2")]
    public async Task Two_steps_with_one_cache_share_it_as_they_say(string sharing, string seen)
    {
        using TestBuild build = await TestBuild.CreateAsync();
        string run = $"RUN --mount=type=cache,id=c,target=/c,sharing={sharing}";
        // Where both may be in it at once, each waits for the other; where one has it alone, the second comes after the first.
        string meet = sharing == "shared" ? "&& until [ $(ls /c | wc -l) = 2 ]; do :; done" : "";
        string body = sharing == "private"
            ? "--mount=type=cache,id=other,target=/o touch /c/NAME /o/NAME; until [ $(ls /o | wc -l) = 2 ]; do :; done; ls /c | wc -l > /seen"
            : $"touch /c/NAME {meet}; ls /c | wc -l > /seen";
        StoredImage image = await build.RunAsync($"FROM base AS one\n{run} {body.Replace("NAME", "one", StringComparison.Ordinal)}\nFROM base AS two\n{run} {body.Replace("NAME", "two", StringComparison.Ordinal)}\nFROM base\nCOPY --from=one /seen /1\nCOPY --from=two /seen /2\n");
        string[] both = [TestBuild.Read(image, "1").Trim(), TestBuild.Read(image, "2").Trim()];
        Assert.Equal(seen, both.Max(StringComparer.Ordinal));
        Assert.Equal(sharing == "locked" ? "1" : seen, both.Min(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Steps_with_the_same_locked_caches_in_another_order_do_not_wait_for_each_other()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        string Stage(string name, string first, string second) =>
            $"FROM base AS {name}\n" + string.Concat(Enumerable.Range(0, 4).Select(i =>
                $"RUN --mount=type=cache,id={first},target=/x,sharing=locked --mount=type=cache,id={second},target=/y,sharing=locked --mount=type=cache,id={first},target=/z,sharing=locked echo {name}{i} >> /x/log; cmp /x/log /z/log\n"));
        StoredImage image = await build.RunAsync($"{Stage("one", "a", "b")}{Stage("two", "b", "a")}FROM base\nCOPY --from=one /bin/sh /1\nCOPY --from=two /bin/sh /2\nRUN --mount=type=cache,id=a,target=/a --mount=type=cache,id=b,target=/b cat /a/log /b/log > /all\n");
        Assert.Equal(8, TestBuild.Read(image, "all").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task An_agent_of_ssh_is_a_socket_that_the_variable_names()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        using System.Net.Sockets.Socket socket = new(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(build["agent"]));
        StoredImage image = await build.RunAsync(build.Request("FROM base\nRUN --mount=type=ssh test -S $SSH_AUTH_SOCK && echo $SSH_AUTH_SOCK > /where\nRUN test -z \"$SSH_AUTH_SOCK\"\n") with
        {
            SshSockets = new Dictionary<string, string> { ["default"] = build["agent"] },
        });
        Assert.Equal("/run/buildkit/ssh_agent.0\n", TestBuild.Read(image, "where"));
        Assert.DoesNotContain("run/buildkit", TreeText.Of(image.LayerFolders), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_are_files_or_variables_and_stay_out_of_image_history_events_and_keys()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        BuildRequest request = build.Request("""
            FROM base
            RUN --mount=type=secret,id=key,uid=5,mode=0440 --mount=type=secret,id=word,env=WORD \
                test "$(wc -c < /run/secrets/key)" = 4 && test ${#WORD} = 4 && stat -c '%a %u' /run/secrets/key > /stat && test ! -e /run/secrets/word
            """) with
        {
            Secrets = new Dictionary<string, ReadOnlyMemory<byte>> { ["key"] = "zqjx"u8.ToArray(), ["word"] = "qzjv"u8.ToArray() },
        };
        StoredImage image = await build.RunAsync(request);
        Assert.Equal("440 5\n", TestBuild.Read(image, "stat"));
        Assert.DoesNotContain("run/secrets", TreeText.Of(image.LayerFolders), StringComparison.Ordinal);
        foreach (string file in Directory.EnumerateFiles(build["build"], "*", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(build["images/blobs/sha256"])))
        {
            string content = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            Assert.DoesNotContain("qzjv", content, StringComparison.Ordinal);
            Assert.DoesNotContain("zqjx", content, StringComparison.Ordinal);
        }

        int before = build.Runner.Count;
        await build.RunAsync(request with { Secrets = new Dictionary<string, ReadOnlyMemory<byte>> { ["key"] = "other"u8.ToArray(), ["word"] = "other"u8.ToArray() } });
        Assert.Equal(before, build.Runner.Count);
    }

    [Theory]
    [InlineData("RUN --mount=type=secret,id=key,required=true true", "is no secret of this build")]
    [InlineData("RUN --mount=type=ssh,required=true true", "is no ssh agent of this build")]
    [InlineData("RUN --mount=type=bind,source=gone,target=/x true", "is not there")]
    [InlineData("RUN --mount=type=cache,target=/x,sharing=some true", "is no way to share a cache")]
    [InlineData("RUN --mount=type=tmpfs,target=/x,size=big true", "is no size")]
    [InlineData("RUN --mount=type=cache,target=/ true", "is the root")]
    [InlineData("RUN --mount=type=cache,target=/x,mode=9 true", "are no permissions")]
    public async Task A_mount_that_cannot_be_is_told_at_its_place(string line, string what)
    {
        using TestBuild build = await TestBuild.CreateAsync();
        QuiltException error = await Assert.ThrowsAsync<QuiltException>(() => build.RunAsync($"FROM base\n{line}\n"));
        Assert.StartsWith("Dockerfile:2:", error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, build.Runner.Count);
    }

    [Fact]
    public async Task A_bound_folder_shows_what_is_not_ignored_and_what_is_written_to_it_is_thrown_away()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        build.Write("src/a", "a");
        build.Write("src/b", "b");
        build.Write(".dockerignore", "src/b\n");
        StoredImage image = await build.RunAsync("""
            FROM base
            RUN --mount=type=bind,source=src,target=/src ls /src > /seen; if touch /src/x 2>/dev/null; then exit 9; fi
            RUN --mount=type=bind,source=src,target=/src,rw echo more >> /src/a; cat /src/a > /more
            """);
        Assert.Equal("a\n", TestBuild.Read(image, "seen"));
        Assert.Equal("amore\n", TestBuild.Read(image, "more"));
        Assert.Equal("a", await File.ReadAllTextAsync(Path.Combine(build.Context, "src/a"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_build_has_no_network_unless_it_is_granted_and_not_refused_by_the_step()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        const string dockerfile = "FROM base\nRUN true\nRUN --network=none true && true\n";
        await build.RunAsync(dockerfile);
        await build.RunAsync(build.Request(dockerfile) with { Egress = ["packages.example:80"] });
        Assert.Equal([StepNetwork.None, StepNetwork.None, StepNetwork.Egress], build.Runner.Steps.Take(3).Select(s => s.Network));
    }

    [Fact]
    public async Task Cancelling_ends_what_runs_and_leaves_nothing_behind()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        using CancellationTokenSource stop = new();
        Task<StoredImage> running = build.Builder.BuildAsync(
            build.Request("FROM base AS one\nRUN echo ready; sleep 1000\nFROM base AS two\nRUN echo ready; sleep 1001\nFROM base\nCOPY --from=one / /1\nCOPY --from=two / /2\n"),
            build.Helpers,
            e =>
            {
                build.Events.Add(e);
                if (build.Events.Count(o => o is BuildEvent.Output) == 2)
                {
                    stop.Cancel();
                }
            },
            stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Empty(Directory.EnumerateFileSystemEntries(build["build/work"]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(build["steps"]));
        Assert.DoesNotContain(build["steps"], await File.ReadAllTextAsync("/proc/self/mountinfo", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stages_run_at_once_and_the_first_failure_ends_the_others()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        QuiltException error = await Assert.ThrowsAsync<QuiltException>(() => build.RunAsync("""
            FROM base AS slow
            RUN echo waiting; sleep 1000
            FROM base AS bad
            RUN exit 5
            FROM base
            COPY --from=slow /a /a
            COPY --from=bad /a /a
            """));
        Assert.Contains("exit code 5", error.Message, StringComparison.Ordinal);
        await Deadline.Until(() => !Directory.EnumerateFileSystemEntries(build["steps"]).Any());
    }
}
