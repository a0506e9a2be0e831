using Quilt.Core;
using Quilt.Linux;
using Xunit;

namespace Quilt.Unit.Tests;

public sealed class ValuesTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("512MiB", 512L << 20)]
    [InlineData("1.5G", 3L << 29)]
    [InlineData("64k", 64 << 10)]
    [InlineData("7b", 7)]
    public void A_size_is_read_with_its_unit(string text, long bytes) => Assert.Equal(bytes, ByteSize.Parse(text, "memory").Bytes);

    [Theory]
    [InlineData("")]
    [InlineData("ten")]
    [InlineData("-1")]
    [InlineData("5XB")]
    [InlineData("99999999999999P")]
    public void A_bad_size_names_field_value_and_remedy(string text)
    {
        QuiltException e = Assert.Throws<QuiltException>(() => ByteSize.Parse(text, "memory"));
        Assert.Equal((ErrorCode.InvalidArgument, "memory"), (e.Code, e.Field));
        Assert.Contains($"'{text}'", e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.Remedy);
    }

    [Theory]
    [InlineData("30", 30)]
    [InlineData("1h30m", 5400)]
    [InlineData("250ms", 0.25)]
    public void A_duration_is_read_with_its_units(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), DurationText.Parse(text, "timeout"));

    [Theory]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    [InlineData("")]
    public void A_name_is_never_a_path(string text) => Assert.False(ContainerName.TryParse(text, out _));

    [Fact]
    public void A_new_id_reads_back_and_is_unlike_the_next()
    {
        ContainerId id = ContainerId.New();
        Assert.Equal(id, ContainerId.Parse(id.Value));
        Assert.NotEqual(id, ContainerId.New());
    }

    [Fact]
    public void Error_codes_survive_the_wire() =>
        Assert.All(Enum.GetValues<ErrorCode>(), code => Assert.Equal(code, ErrorCodes.FromWireName(code.WireName())));

    [Theory]
    [InlineData("TERM", 15)]
    [InlineData("sigkill", 9)]
    [InlineData("SIGRTMIN+3", 37)]
    [InlineData("64", 64)]
    public void Signals_are_known_by_name_and_number(string text, int number)
    {
        Assert.True(Signals.TryParse(text, out int signal));
        Assert.Equal(number, signal);
    }

    [Theory]
    [InlineData("NOPE")]
    [InlineData("0")]
    [InlineData("65")]
    [InlineData("SIGRTMAX+1")]
    public void Unknown_signals_are_refused(string text) => Assert.False(Signals.TryParse(text, out _));

    [Fact]
    public void A_process_name_with_parentheses_and_spaces_does_not_confuse_the_start_time()
    {
        ProcessStat stat = ProcessStat.TryParse("7 (a) b (c)) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4242 0 0")!.Value;
        Assert.Equal(('S', 1, 4242UL), (stat.State, stat.ParentPid, stat.StartTime));
    }

    [Fact]
    public async Task A_rollback_undoes_in_reverse_and_completely()
    {
        List<int> undone = [];
        Rollback rollback = new();
        rollback.OnFailure(() => undone.Add(1));
        rollback.OnFailure(() => throw new InvalidOperationException("stubborn"));
        rollback.OnFailure(() => undone.Add(3));
        await Assert.ThrowsAsync<AggregateException>(async () => await rollback.DisposeAsync());
        Assert.Equal([3, 1], undone);
    }

    [Fact]
    public async Task A_committed_rollback_undoes_nothing()
    {
        bool undone = false;
        Rollback rollback = new();
        rollback.OnFailure(() => undone = true);
        rollback.Commit();
        await rollback.DisposeAsync();
        Assert.False(undone);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(" ", "")]
    [InlineData("0-1,3", "0,1,3")]
    [InlineData("3, 0", "0,3")]
    [InlineData("0-1,", null)]
    [InlineData(",0", null)]
    [InlineData("0,,1", null)]
    [InlineData("1-0", null)]
    public void A_list_of_processors_has_no_empty_places(string text, string? cpus) =>
        Assert.Equal(cpus, CpuList.TryParse(text) is { } list ? string.Join(',', list) : null);
}
