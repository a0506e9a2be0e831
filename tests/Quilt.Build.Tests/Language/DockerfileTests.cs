using System.Text;
using CsCheck;
using Quilt.Build.Tests.Fixtures;
using Quilt.Core;

namespace Quilt.Build.Tests.Language;

public sealed class DockerfileTests
{
    [Theory]
    [InlineData("FROM a\nRUM echo\n", 2, 1, "unknown instruction 'RUM'", "did you mean RUN?")]
    [InlineData("FORM a\n", 1, 1, "unknown instruction 'FORM'", "did you mean FROM?")]
    [InlineData("FROM a\n&& make\n", 2, 1, "unknown instruction '&&'", "a line that goes on ends with \\")]
    [InlineData("RUN x\n", 1, 1, "RUN stands before the first FROM", "begin with FROM")]
    [InlineData("# nothing\n", 1, 1, "there is no FROM", "begin a stage")]
    [InlineData("FROM\n", 1, 5, "FROM has to be followed by an image", "docs/build.md")]
    [InlineData("FROM a b\n", 1, 8, "FROM takes an image, and then nothing or AS NAME", "AS NAME")]
    [InlineData("FROM a AS 9x\n", 1, 11, "'9x' cannot name a stage", "begin with a letter")]
    [InlineData("FROM --platfrom=x a\n", 1, 6, "FROM has no option '--platfrom'", "did you mean --platform?")]
    [InlineData("FROM a\nCOPY --chown=a --chown=b c d\n", 3 - 1, 24, "--chown stands here a second time", "leave one")]
    [InlineData("FROM a\nCOPY --link=perhaps a b\n", 2, 13, "--link is a switch", "true or false")]
    [InlineData("FROM a\nCOPY --from=$x a b\n", 2, 13, "--from takes no variables", "FROM $VARIABLE AS NAME")]
    [InlineData("FROM a\nCOPY a\n", 2, 7, "COPY has to be followed by what to copy", "docs/build.md")]
    [InlineData("FROM a\nENV x\n", 2, 5, "'x' has no value", "NAME=VALUE")]
    [InlineData("FROM a\nENV a=b c\n", 2, 9, "'c' is not NAME=VALUE", "in quotes")]
    [InlineData("FROM a\nLABEL =b\n", 2, 7, "a name is empty", "NAME=VALUE")]
    [InlineData("FROM a\nSHELL /bin/sh\n", 2, 7, "SHELL takes a JSON list", "SHELL [")]
    [InlineData("FROM a\nONBUILD FROM b\n", 2, 9, "FROM cannot be a trigger", "ONBUILD takes")]
    [InlineData("FROM a\nONBUILD RUM b\n", 2, 9, "unknown instruction 'RUM'", "RUN?")]
    [InlineData("FROM a\nHEALTHCHECK TEST x\n", 2, 13, "'TEST' is no kind of health check", "CMD")]
    [InlineData("FROM a\nHEALTHCHECK NONE x\n", 2, 18, "HEALTHCHECK NONE takes nothing", "end the line")]
    [InlineData("FROM a\nHEALTHCHECK --interval=5 CMD x\n", 2, 24, "'5' is not a duration", "30s")]
    [InlineData("FROM a\nHEALTHCHECK --retries=x CMD x\n", 2, 23, "'x' is no number of retries", "1 or more")]
    [InlineData("FROM a\nRUN --network=host x\n", 2, 15, "--network=host is not granted", "leave the option out")]
    [InlineData("FROM a\nRUN --security=insecure x\n", 2, 16, "--security=insecure is not granted", "leave the option out")]
    [InlineData("FROM a\nRUN --mount=type=cach,target=/x y\n", 2, 18, "'cach' is no type of mount", "bind, cache")]
    [InlineData("FROM a\nRUN --mount=type=cache,tagret=/x y\n", 2, 31, "a mount of type cache has no 'tagret'", "did you mean target?")]
    [InlineData("FROM a\nRUN --mount=type=cache y\n", 2, 13, "a mount of type cache needs a target", "target=PATH")]
    [InlineData("FROM a\nRUN --mount=type=bind,source y\n", 2, 23, "'source' is not KEY=VALUE", "KEY=VALUE")]
    [InlineData("FROM a\nRUN --mount=type=bind,from=$x,target=/y z\n", 2, 28, "'from' takes no variables", "FROM $VARIABLE AS NAME")]
    [InlineData("FROM a\nRUN <<EOF\nx\n", 2, 5, "the here-document 'EOF' does not end", "a line that is EOF")]
    [InlineData("FROM a\nRUN echo \\\n  --x\n\nRUM b\n", 5, 1, "unknown instruction 'RUM'", "RUN?")]
    [InlineData("# escape=x\nFROM a\n", 1, 10, "'x' is no escape character", "use \\ or `")]
    [InlineData("# escape=`\n# escape=`\nFROM a\n", 2, 3, "'escape' stands here a second time", "leave one")]
    [InlineData("# check=nonsense\nFROM a\n", 1, 9, "'nonsense' is nothing that checks can be told", "skip=")]
    public void An_error_shows_its_line_and_points_at_its_place(string text, int line, int column, string message, string remedy)
    {
        QuiltException error = Assert.Throws<QuiltException>(() => Read(text));
        Assert.Equal(ErrorCode.InvalidArgument, error.Code);
        Assert.StartsWith($"Dockerfile:{line}:{column}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Remedy, StringComparison.Ordinal);
        string shown = $" {line} | {text.Split('\n')[line - 1]}";
        Assert.Contains(shown + "\n", error.Message, StringComparison.Ordinal);
        Assert.Equal($" {new string(' ', line.ToString().Length)} | {new string(' ', column - 1)}^", error.Message.Split('\n')[2]);
    }

    [Fact]
    public void A_place_on_a_continued_line_is_told_as_that_line()
    {
        QuiltException error = Assert.Throws<QuiltException>(() => Read("FROM a\nENV a=b \\\n   # a comment\n    c\n"));
        Assert.StartsWith("Dockerfile:4:5: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(" 4 |     c\n", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tabs_and_control_characters_in_a_line_do_not_move_the_caret()
    {
        QuiltException error = Assert.Throws<QuiltException>(() => Read("FROM a\nENV\t\u001b[31m=b\tc\n"));
        string[] lines = error.Message.Split('\n');
        Assert.DoesNotContain('\u001b', error.Message);
        Assert.Equal(lines[1].IndexOf(" c", StringComparison.Ordinal) + 1, lines[2].IndexOf('^', StringComparison.Ordinal));
    }

    [Fact]
    public void Comments_continuations_and_line_ends_of_another_system_are_read()
    {
        Dockerfile read = Read("\uFEFF# syntax=docker/dockerfile:1\r\n\r\n  # more\r\nFROM a AS One\r\nRUN x \\\r\n  # in between\r\n\r\n  y\r\n");
        Assert.Equal("docker/dockerfile:1", read.Directives.Syntax);
        Stage stage = Assert.Single(read.Stages);
        Assert.Equal("one", stage.From.Name);
        Assert.Equal("x   y", Assert.Single(Assert.IsType<Instruction.Run>(Assert.Single(stage.Instructions)).Line.Words));
        Assert.Contains(read.Warnings, w => w is { Rule: "NoEmptyContinuation", Position.Line: 7 });
        Assert.Contains(read.Warnings, w => w is { Rule: "StageNameCasing", Position.Line: 4 });
    }

    [Fact]
    public void Another_escape_character_continues_lines_and_the_backslash_does_not()
    {
        Dockerfile read = Read("# escape=`\nFROM a\nRUN dir c:\\\nRUN a `\n b\n");
        Assert.Equal(["dir c:\\", "a  b"], read.Stages[0].Instructions.Cast<Instruction.Run>().Select(r => r.Line.Words[0]));
    }

    [Fact]
    public void An_escaped_escape_ends_no_line() =>
        Assert.Equal(2, Read("FROM a\nRUN x\\\\\nRUN y\n").Stages[0].Instructions.Count);

    [Theory]
    [InlineData("RUN [\"a\", \"b c\"]", true, new[] { "a", "b c" })]
    [InlineData("RUN [ \"a\" ]  ", true, new[] { "a" })]
    [InlineData("RUN [a, b]", false, new[] { "[a, b]" })]
    [InlineData("RUN [\"a\", 1]", false, new[] { "[\"a\", 1]" })]
    [InlineData("RUN [\"a\"] || b", false, new[] { "[\"a\"] || b" })]
    [InlineData("RUN [ -f x ] && y", false, new[] { "[ -f x ] && y" })]
    [InlineData("RUN echo \"a  b\"  ", false, new[] { "echo \"a  b\"" })]
    public void A_command_is_a_list_where_it_is_valid_JSON_and_text_otherwise(string line, bool isExec, string[] words)
    {
        Instruction.Run run = Assert.IsType<Instruction.Run>(One(line));
        Assert.Equal(isExec, run.Line.IsExec);
        Assert.Equal(words, run.Line.Words);
    }

    [Fact]
    public void Several_here_documents_follow_their_line_in_order()
    {
        Instruction.Copy copy = Assert.IsType<Instruction.Copy>(One("COPY <<A <<-\"B\" c /d/\none $x\nA\n\ttwo\n\t$y\n\tB"));
        Assert.Equal(["A", "B"], copy.Heredocs.Select(h => h.Name));
        Assert.Equal(["one $x\n", "two\n$y\n"], copy.Heredocs.Select(h => h.Body));
        Assert.Equal([true, false], copy.Heredocs.Select(h => h.Expands));
        Assert.Equal("c", Assert.Single(copy.Sources).Text);
        Assert.Equal("/d/", copy.Destination.Text);
    }

    [Theory]
    [InlineData("RUN cat <<E\n# kept\n\\\nE", "# kept\n\\\n")]
    [InlineData("RUN cat <<'E' > x\n$a\nE", "$a\n")]
    [InlineData("RUN 3<<E cat\nx\nE", "x\n")]
    [InlineData("RUN cat << E\nx\nE", "x\n")]
    [InlineData("RUN cat <<E\nE", "")]
    public void A_here_document_is_kept_as_it_is(string text, string content) =>
        Assert.Equal(content, Assert.Single(Assert.IsType<Instruction.Run>(One(text)).Heredocs).Content);

    [Theory]
    [InlineData("RUN cat <<<word")]
    [InlineData("RUN echo '<<E'")]
    [InlineData("RUN echo $((1<<2))\nRUN x")]
    public void What_only_looks_like_a_here_document_is_none(string text)
    {
        Instruction.Run run = Assert.IsType<Instruction.Run>(Read($"FROM a\n{text}\n").Stages[0].Instructions[0]);
        Assert.Empty(run.Heredocs);
    }

    [Fact]
    public void Pairs_keep_quotes_and_escapes_until_they_are_expanded()
    {
        Instruction.Env env = Assert.IsType<Instruction.Env>(One("ENV a=\"b c\" d=e\\ f 'g'=h"));
        Assert.Equal(["a", "d", "'g'"], env.Pairs.Select(p => p.Key.Text));
        Assert.Equal(["\"b c\"", "e\\ f", "h"], env.Pairs.Select(p => p.Value.Text));
        env = Assert.IsType<Instruction.Env>(One("ENV name  all of it = this "));
        Assert.True(env.IsOldForm);
        Assert.Equal("all of it = this", env.Pairs[0].Value.Text);
    }

    [Fact]
    public void A_health_check_has_all_its_options()
    {
        Instruction.HealthCheck check = Assert.IsType<Instruction.HealthCheck>(One("HEALTHCHECK --interval=1m30s --timeout=500ms --start-period=2s --start-interval=1s --retries=4 CMD [\"a\"]"));
        Assert.Equal(["CMD", "a"], check.Test);
        Assert.Equal(
            new HealthCheckOptions { Interval = TimeSpan.FromSeconds(90), Timeout = TimeSpan.FromMilliseconds(500), StartPeriod = TimeSpan.FromSeconds(2), StartInterval = TimeSpan.FromSeconds(1), Retries = 4 },
            check.Options);
        Assert.Equal(["CMD-SHELL", "a || b"], Assert.IsType<Instruction.HealthCheck>(One("healthcheck cmd a || b")).Test);
        Assert.Equal(["NONE"], Assert.IsType<Instruction.HealthCheck>(One("HEALTHCHECK NONE")).Test);
    }

    [Fact]
    public void A_mount_has_other_names_for_its_keys_and_bind_as_its_type()
    {
        Instruction.Run run = Assert.IsType<Instruction.Run>(One("RUN --mount=src=a,dst=/b,rw --mount='type=cache,\"target=/c,d\",ro=false' x"));
        Assert.Equal(MountKind.Bind, run.Mounts[0].Kind);
        Assert.Equal(["a", "/b", "true"], new[] { "source", "target", "readwrite" }.Select(k => run.Mounts[0].Values[k].Text));
        Assert.Equal("/c,d", run.Mounts[1].Values["target"].Text);
        Assert.Equal("false", run.Mounts[1].Values["readonly"].Text);
    }

    [Fact]
    public void A_trigger_keeps_its_here_document()
    {
        Instruction.OnBuild trigger = Assert.IsType<Instruction.OnBuild>(One("ONBUILD COPY <<E /x\nbody\nE"));
        Instruction.Copy copy = Assert.IsType<Instruction.Copy>(Assert.Single(DockerfileReader.ReadTrigger("trigger", trigger.Trigger)));
        Assert.Equal("body\n", Assert.Single(copy.Heredocs).Content);
    }

    [Theory]
    [InlineData("from a\nfrom b\nRUN x\n", "ConsistentInstructionCasing", 3)]
    [InlineData("FROM a AS x\nFROM b AS x\n", "DuplicateStageName", 2)]
    [InlineData("FROM a AS scratch\n", "ReservedStageName", 1)]
    [InlineData("FROM a\nCMD x\n", "JSONArgsRecommended", 2)]
    [InlineData("FROM a\nCMD [\"x\"]\nCMD [\"y\"]\n", "MultipleInstructionsDisallowed", 2)]
    [InlineData("FROM a\nMAINTAINER x\n", "MaintainerDeprecated", 2)]
    [InlineData("FROM a\nENV a b\n", "LegacyKeyValueFormat", 2)]
    [InlineData("FROM a\nARG API_TOKEN\n", "SecretsUsedInArgOrEnv", 2)]
    [InlineData("FROM a\nWORKDIR x\n", "WorkdirRelativePath", 2)]
    public void What_is_rarely_meant_is_warned_of_unless_skipped(string text, string rule, int line)
    {
        BuildWarning warning = Assert.Single(Read(text).Warnings);
        Assert.Equal((rule, line), (warning.Rule, warning.Position.Line));
        Assert.Empty(Read($"# check=skip={rule}\n{text}").Warnings);
        Assert.Empty(Read($"# check=skip=all\n{text}").Warnings);
    }

    [Fact]
    public void What_is_too_much_or_no_text_is_refused()
    {
        Assert.Contains("at most", Refused(new byte[(1 << 20) + 1]), StringComparison.Ordinal);
        Assert.Contains("more than 50000 lines", Refused(Encoding.UTF8.GetBytes(new string('\n', 50_001) + "FROM a")), StringComparison.Ordinal);
        Assert.Contains("not UTF-8", Refused([0xFF, 0xFE, 0x41]), StringComparison.Ordinal);
        Assert.Contains("NUL", Refused("FROM a\0"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("more than 1000 stages", Refused(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("FROM a\n", 1001)))), StringComparison.Ordinal);

        static string Refused(byte[] content) => Assert.Throws<QuiltException>(() => DockerfileReader.Read("Dockerfile", content)).Message;
    }

    [Fact]
    public void Whatever_the_text_it_is_read_or_refused_with_a_place()
    {
        Gen<string> keyword = Pick.From("FROM a", "RUN ", "COPY ", "ADD ", "ENV ", "ARG ", "LABEL ", "HEALTHCHECK ", "ONBUILD ", "EXPOSE ", "VOLUME ", "SHELL ", "# escape=`", "");
        Gen<string> rest = Gen.OneOf(Gen.String["<>EOF[]\"'\\$={}-, \n\t#abc"], Pick.From("--mount=type=cache,target=/x y", "<<E\nE", "<<-'E'\nE", "[\"a\"]", "--from=b c d", "\\\n"));
        Gen.Select(keyword, rest).Select((k, r) => k + r + "\n").Array[0, 8].Sample(lines =>
        {
            string text = "FROM a\n" + string.Concat(lines);
            try
            {
                Assert.NotEmpty(Read(text).Stages);
            }
            catch (QuiltException e)
            {
                Assert.Equal(ErrorCode.InvalidArgument, e.Code);
                Assert.Matches(@"\ADockerfile:\d+:\d+: ", e.Message);
                Assert.NotNull(e.Remedy);
            }
        }, iter: 5_000);
    }

    private static Dockerfile Read(string text) => DockerfileReader.Read("Dockerfile", Encoding.UTF8.GetBytes(text));

    private static Instruction One(string text) => Assert.Single(Read($"FROM a\n{text}\n").Stages[0].Instructions);
}
