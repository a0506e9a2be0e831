using CsCheck;
using Quilt.Core;
using Quilt.Fuzzing;
using Quilt.Linux;
using Xunit;

namespace Quilt.Unit.Tests;

/// <summary>Small texts of requests: whatever they hold, they are a value or none.</summary>
public sealed class TextTests
{
    [Fact]
    public void A_size_is_one_or_refused() => Fuzz.Run(Gen.OneOf(Mutated.Text("512MiB", "1.5G", "64k", "0", "9223372036854775807"), Gen.String), text =>
        Refused(() => Assert.Equal(ByteSize.TryParse(text, out ByteSize size), ByteSize.Parse(text, "memory") == size), "memory"));

    [Fact]
    public void A_duration_is_one_or_refused() => Fuzz.Run(Gen.OneOf(Mutated.Text("1h30m", "0.5", "250ms", "30s", "7d"), Gen.String), text =>
        Refused(() => Assert.InRange(DurationText.Parse(text, "ttl"), TimeSpan.Zero, TimeSpan.MaxValue), "ttl"));

    [Fact]
    public void A_sum_of_durations_that_no_number_holds_is_none() =>
        Assert.False(DurationText.TryParse(string.Concat(Enumerable.Repeat("99999999999999999999d", 20_000)), out _));

    [Fact]
    public void A_name_an_id_and_a_digest_are_such_or_refused() => Fuzz.Run(
        Gen.OneOf(Mutated.Text("web-1", "0123456789abcdef0123456789abcdef", "sha256:" + new string('a', 64)), Gen.String),
        text =>
        {
            Refused(() => Assert.Equal(text, ContainerName.Parse(text).Value), "name");
            Refused(() => Assert.Equal(text, ContainerId.Parse(text).Value), "container");
            Refused(() => Assert.Equal(text, Digest.Parse(text).ToString()), "digest");
            _ = HostName.IsValid(text);
        });

    [Fact]
    public void Processors_are_listed_or_not() => Fuzz.Run(Mutated.Text("0-3,8", "0", "0-1,2-3,5,7-8191", " 1 , 2-3 "), text =>
    {
        if (CpuList.TryParse(text) is { } cpus)
        {
            Assert.Equal(cpus, CpuList.TryParse(string.Join(',', cpus)));
        }

        if (ProcessorList.TryParse(text, out SortedSet<int> processors))
        {
            Assert.All(processors, p => Assert.InRange(p, 0, 1023));
        }
    });

    [Fact]
    public void Signals_and_versions_are_such_or_none() => Fuzz.Run(Mutated.Text("SIGRTMIN+3", "TERM", "9", "6.1.0-18-amd64", "5.15"), text =>
    {
        if (Signals.TryParse(text, out int signal))
        {
            Assert.InRange(signal, 1, 64);
        }

        _ = KernelVersion.TryParse(text);
    });

    [Fact]
    public void Half_a_character_is_spelled_out_and_a_whole_one_is_shown() => Assert.Equal("a\\udcff😀\\ud800", Text.Escaped("a\udcff😀\ud800"));

    /// <summary>A refusal is of the field, and shows nothing that moves a cursor, nor all of what is long.</summary>
    private static void Refused(Action read, string field)
    {
        try
        {
            read();
        }
        catch (QuiltException e)
        {
            Assert.Equal((ErrorCode.InvalidArgument, field), (e.Code, e.Field));
            Assert.NotNull(e.Remedy);
            Assert.InRange(e.Message.Length, 1, 2000);
            Assert.DoesNotContain(e.Message, char.IsControl);
        }
    }
}
