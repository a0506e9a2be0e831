using System.Text;
using CsCheck;
using Quilt.Core;
using Quilt.Fuzzing;

namespace Quilt.Build.Tests.Hostile;

/// <summary>What a build reads of whoever asks for it: it takes time and memory in proportion, and is understood or refused.</summary>
public sealed class BuildInputTests
{
    private const string Dockerfile = """
        # syntax=docker/dockerfile:1
        # escape=\
        ARG V=1
        FROM --platform=$BUILDPLATFORM debian:${V:-12} AS one
        RUN --mount=type=cache,target=/c,sharing=locked --mount=type=secret,id=s,required=true echo "a b" \
          # comment
          && x
        COPY --from=one --chmod=u=rwX,go=rX <<A <<-"B" c /d/
        one $x
        A
        	two
        	B
        ENV a="b c" d=e\ f 'g'=${h:+i}
        HEALTHCHECK --interval=1m30s --retries=4 CMD ["a", "b"]
        ONBUILD ADD --checksum=sha256:00 https://example.com/x.git#main:sub /y
        EXPOSE 80/tcp 90-95/udp
        VOLUME ["/v"]
        SHELL ["/bin/sh", "-c"]
        LABEL a=b "c d"=e
        """;

    [Fact]
    public void A_Dockerfile_damaged_anywhere_is_read_or_refused_in_bounded_memory() => Fuzz.Run(Mutated.Bytes(Dockerfile, "from a\nrun x", "FROM a\nRUN <<E\n${a}\nE\n"), bytes => Refused(() =>
        Fuzz.Bounded(() => Assert.NotEmpty(DockerfileReader.Read("Dockerfile", bytes).Stages))));

    [Fact]
    public void A_trigger_damaged_anywhere_is_read_or_refused() => Fuzz.Run(Mutated.Text("RUN [\"a\"]", "COPY <<E /x\nbody\nE"), text => Refused(() =>
        Fuzz.Bounded(() => _ = DockerfileReader.ReadTrigger("trigger", text))));

    [Fact]
    public void Words_are_substituted_or_refused_in_bounded_memory() => Fuzz.Run(
        Mutated.Text("a${H:-$S}b", "\"$H\" 'x' \\$y", "${P#*/}${P%%.*}", "${P//[a-z]/X}${P/l*c/Y}", "${N:?no}", "${H:+${S}:}x"),
        text =>
        {
            try
            {
                Fuzz.Bounded(() =>
                {
                    ShellWords words = new('\\', name => name switch { "H" => "/root", "S" => "a  b", "P" => "usr/lib/libc.so.6", _ => null });
                    _ = (words.Word(text), words.Words(text), Heredoc.OpenedBy(text));
                });
            }
            catch (WordException e)
            {
                Assert.InRange(e.Offset, 0, text.Length);
            }
        });

    [Fact]
    public void An_ignore_file_damaged_anywhere_is_read_or_refused_in_bounded_memory() => Fuzz.Run(
        Mutated.Bytes("# c\n*/tmp*\n!a/**/b\n[a-c]?.log\n**/x\n", "\\#x\n/a/../b\n**.go"),
        bytes => Refused(() => Fuzz.Bounded(() =>
        {
            IgnoreFile file = IgnoreFile.Read(".dockerignore", bytes);
            _ = (file.Ignores("a/x/b"), file.Ignores("tmp/tmpfile"), file.Ignores(string.Concat(Enumerable.Repeat("a/", 50)) + "b"));
        })),
        iterations: 500);

    [Fact]
    public void Permissions_addresses_and_exec_forms_are_such_or_none() => Fuzz.Run(
        Mutated.Text("u=rwX,go=rX", "0755", "https://example.com/x.git#main:sub", "[\"a\", \"b c\"]", "linux/arm/v7"),
        text => Refused(() => Fuzz.Bounded(() =>
        {
            Assert.True((PermissionChange.TryParse(text)?.Apply(0x1FF, isFolder: true) ?? 0) <= 0xFFF);
            Assert.DoesNotContain('/', RemoteAddress.TryParse(text)?.FileName ?? "");
            _ = (ExecForm.TryRead(text), PlatformArguments.TryParse(text));
        })));

    /// <summary>Each of them would take hours where a reader goes over what it has seen again for each character.</summary>
    [Theory]
    [InlineData("# escape=", " ", "\nFROM a")]
    [InlineData("# escape", " ", "x\nFROM a")]
    [InlineData("FROM a\nRUN x <<", "\u2003", "<\n")]
    [InlineData("FROM a\nRUN ", "<<", "E\n")]
    [InlineData("FROM a\nENV x=${y:-", "\\", "}")]
    [InlineData("FROM a\nRUN --mount=type=cache,", ",", "target=/x y")]
    [InlineData("FROM a\nHEALTHCHECK --interval=", "9", "d CMD x")]
    [InlineData("FROM a\nCOPY <<E /x\n", "\t", "\nE")]
    [InlineData("FROM a\nRUN [", "\"a\",", "]")]
    public void A_Dockerfile_of_the_greatest_length_is_read_at_once(string begin, string repeated, string end)
    {
        int count = ((1 << 20) - 100) / Encoding.UTF8.GetByteCount(repeated);
        byte[] text = Encoding.UTF8.GetBytes(begin + string.Concat(Enumerable.Repeat(repeated, count)) + end);
        Refused(() => _ = DockerfileReader.Read("Dockerfile", text));
    }

    [Theory]
    [InlineData("${a#", "?", "}")]
    [InlineData("${a%%", "*x", "}")]
    [InlineData("${a//", "?", "/y}")]
    public void A_pattern_of_the_greatest_length_is_refused(string begin, string repeated, string end)
    {
        string value = new('x', 1 << 19), text = begin + string.Concat(Enumerable.Repeat(repeated, 1 << 18)) + end;
        Assert.Contains("too long", Assert.Throws<WordException>(() => new ShellWords('\\', _ => value).Word(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_that_ends_with_an_escape_of_nothing_is_refused() => Assert.Contains(
        "no option '--x'", Assert.Throws<QuiltException>(() => DockerfileReader.Read("Dockerfile", Encoding.UTF8.GetBytes("FROM a\nRUN --x=\\\\\\"))).Message, StringComparison.Ordinal);

    [Fact]
    public void An_address_whose_host_does_not_show_is_none() => Assert.Null(RemoteAddress.TryParse("http://\u202e/\ufffdexam\u2003\u2028\u202e/\ufffdexam=rx")!.Address);

    private static void Refused(Action read)
    {
        try
        {
            read();
        }
        catch (QuiltException e)
        {
            Assert.Equal(ErrorCode.InvalidArgument, e.Code);
            Assert.NotNull(e.Remedy);
            Assert.DoesNotContain(e.Message, c => char.IsControl(c) && c != '\n');
        }
    }
}
