using Quilt.Api.V1;
using TerminalSize = Quilt.Linux.TerminalSize;

namespace Quilt.Cli.Tests;

public sealed class TopScreenTests
{
    [Theory]
    [InlineData(150, 40)]
    [InlineData(80, 24)]
    [InlineData(20, 4)]
    [InlineData(1, 1)]
    public void A_picture_is_never_larger_than_the_screen_and_moves_no_cursor(int columns, int rows)
    {
        IReadOnlyList<string> lines = TopScreen.Draw(State(50).Look(), new TerminalSize((ushort)columns, (ushort)rows), Style.Plain, DateTimeOffset.UnixEpoch);
        Assert.Equal(Math.Max(4, rows), lines.Count);
        Assert.All(lines, l => Assert.True(Plain(l).Length <= Math.Max(20, columns), l));
        Assert.All(lines, l => Assert.DoesNotContain('\e', Plain(l)));
    }

    [Fact]
    public void Keys_sort_reverse_and_select()
    {
        TopState state = State(5);
        Assert.Equal("c4", state.Look().Rows[0].Container.Name);
        state.Press(TopKey.SortByMemory);
        Assert.Equal("c0", state.Look().Rows[0].Container.Name);
        state.Press(TopKey.Reverse);
        Assert.Equal("c4", state.Look().Rows[0].Container.Name);
        state.Press(TopKey.SortByName);
        Assert.Equal("c0", state.Look().Selected);
        state.Press(TopKey.Down);
        state.Press(TopKey.Down);
        state.Press(TopKey.OnlySelected);
        TopPicture picture = state.Look();
        Assert.Equal("c2", picture.Selected);
        Assert.Equal(["c2"], picture.Events.Select(e => e.Container));
        Assert.Equal(["c2", "c1"], picture.Edges.Select(e => e.From));
        state.Press(TopKey.Up);
        Assert.Equal("c1", state.Look().Selected);
        Assert.False(state.Press(TopKey.Quit));
    }

    [Fact]
    public void Keys_are_read_as_terminals_send_them()
    {
        Assert.Equal([TopKey.Up, TopKey.Down, TopKey.SortByCpu, TopKey.None], TopKeys.Read("\e[A\eOBcx"));
        Assert.Equal([TopKey.Quit], TopKeys.Read("\e"));
        Assert.Equal([TopKey.Quit], TopKeys.Read("\x03"));
    }

    private static string Plain(string line) => line.Replace("\e[7m", "", StringComparison.Ordinal).Replace("\e[0m", "", StringComparison.Ordinal);

    private static TopState State(int count)
    {
        TopState state = new(TopKey.SortByCpu);
        state.Set([.. Enumerable.Range(0, count).Select(i => new Container { Id = $"c{i}", Name = $"c{i}", State = ContainerState.Running })]);
        GetStatsResponse reading = new();
        reading.Stats.AddRange(Enumerable.Range(0, count).Select(i => new ContainerStats { Container = $"c{i}", Name = $"c{i}", CpuPercent = i, MemoryBytes = (ulong)(1000 - i) << 20 }));
        state.Set(reading);
        state.Set([.. Enumerable.Range(0, count).Select(i => new TopEdge($"c{(i + 2) % count}", $"c{(i + 3) % count}", $"c{(i + 2) % count} ▶ hostile \e[2J name"))]);
        for (int i = 0; i < count; i++)
        {
            Event happened = new() { Container = $"c{i}", Name = "evil\e[H\r\nname", Type = "container.started", Time = new() };
            happened.Attributes["exit\e"] = "\x9b2J";
            state.Add(happened);
        }

        return state;
    }
}
