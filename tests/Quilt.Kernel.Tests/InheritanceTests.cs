using Quilt.Oci;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>security.md, line 8: a caller with everything that could leak in, and a container that shows what did.</summary>
public sealed class InheritanceTests(OciRuntimeFixture runtime) : KernelTest(runtime)
{
    private const string Expected = """
        uids 0 0 0
        gids 0 0 0
        groups 0
        umask 022
        session own
        tty ENXIO
        personality 0
        signals-not-default 0

        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Neither_groups_umask_session_personality_nor_signals_are_the_callers(bool userNamespace)
    {
        (string id, string bundle) = Runtime.Bundle(["hostile", "identity"], s => userNamespace ? s : KnownBreakoutTests.WithoutUserNamespace(s));
        Assert.Equal((0, Expected), Dirty("run", "--bundle", bundle, id));
    }

    [Fact]
    public void An_exec_takes_no_more_from_its_caller()
    {
        using RunningContainer container = Runtime.Start();
        Assert.Equal((0, Expected), Dirty("exec", container.Id, "hostile", "identity"));
    }

    [Fact]
    public void Neither_descriptors_nor_the_environment_nor_the_working_directory_are_the_callers()
    {
        (string id, string bundle) = Runtime.Bundle(["sh", "-c", "hostile descriptors | cut -d' ' -f1; env | sort; pwd"]);
        Assert.Equal((0, "0\n1\n2\nHOME=/\nPATH=/bin\nPWD=/\nSECRET=hunter2\nSHLVL=1\n/\n"), Dirty("run", "--bundle", bundle, id));
        using RunningContainer container = Runtime.Start();
        Assert.Equal((0, "0\n1\n2\nHOME=/\nPATH=/bin\nPWD=/\nSECRET=hunter2\nSHLVL=1\n/\n"), Dirty("exec", container.Id, "sh", "-c", "hostile descriptors | cut -d' ' -f1; env | sort; pwd"));
    }

    [Fact]
    public void An_exec_that_names_no_limits_has_the_containers_and_not_its_callers()
    {
        using RunningContainer container = Runtime.Start(s => s with
        {
            Process = s.Process! with { Rlimits = [new OciRlimit("RLIMIT_NOFILE", 123, 123), new OciRlimit("RLIMIT_CORE", 0, 0)], OomScoreAdj = 321 },
        });
        string file = Path.Combine(container.Bundle, "process.json");
        File.WriteAllText(file, """{"cwd":"/","env":["PATH=/bin"],"args":["sh","-c","ulimit -n; ulimit -c; cat /proc/self/oom_score_adj; grep NoNewPrivs /proc/self/status; ulimit -n 200"]}""");
        (int code, string output) = Runtime.Oci("exec", "--process", file, container.Id);
        Assert.NotEqual(0, code);
        Assert.StartsWith("123\n0\n321\nNoNewPrivs:\t1\n", output);
    }

    /// <summary>By a process with other groups, umask, signals, personality, environment, folder and open descriptors than it should pass on.</summary>
    private (int ExitCode, string Output) Dirty(params string[] args) => OciRuntimeFixture.Run("setpriv",
        [
            "--groups", "4,24,27", "setarch", "-R", "env", "--block-signal=USR1", "--ignore-signal=USR2", "LEAK=1",
            "sh", "-c", "umask 077; cd /usr; exec 3< /etc/passwd 5< / 9<> /dev/null; exec \"$@\"", "sh", OciRuntimeFixture.Runtime, "--root", Runtime.Root, .. args,
        ]);
}
