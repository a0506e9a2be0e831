using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Quilt.Api.V1;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Testing;

namespace Quilt.Cli.Tests;

/// <summary>What is printed, for programs and for people.</summary>
public sealed class OutputTests
{
    [Fact]
    public void The_json_of_everything_is_as_it_was() => Snapshot.Check("json.txt", CommandLine.Write(to =>
    {
        CliJson.WriteDocument(to, new[] { ViewOf.Container(Samples.Running), ViewOf.Container(Samples.Exited) }, j => j.ContainerViewArray);
        CliJson.WriteDocument(to, ViewOf.Detail(Samples.Running), j => j.ContainerDetailView);
        CliJson.WriteDocument(to, new CreatedView(Samples.Running.Id, "web", "created", "quilt/busybox", ["a warning"]), j => j.CreatedView);
        CliJson.WriteDocument(
            to, [ViewOf.Started(new StartContainerResponse { Container = Samples.Running, Duration = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(3.25)) })], j => j.StartedViewArray);
        CliJson.WriteDocument(to, [ViewOf.Stopped(new StopContainerResponse { Container = Samples.Exited, Forced = true })], j => j.StoppedViewArray);
        CliJson.WriteDocument(to, [new SignalledView("web", "HUP")], j => j.SignalledViewArray);
        CliJson.WriteDocument(to, [new RemovedView(Samples.Exited.Id)], j => j.RemovedViewArray);
        CliJson.WriteDocument(to, new ExecStartedView("e1"), j => j.ExecStartedView);
        CliJson.WriteDocument(to, ViewOf.Wait(new WaitContainerResponse { Container = Samples.Exited }), j => j.WaitView);
        CliJson.WriteDocument(to, [ViewOf.Stats(Samples.Stats.Stats[0], Samples.Stats.Time)], j => j.StatsViewArray);
        CliJson.WriteDocument(to, [new ImageView("quilt/busybox", "sha256:b", 1234567, null)], j => j.ImageViewArray);
        CliJson.WriteDocument(to, ViewOf.Info(Samples.Info), j => j.InfoView);
        CliJson.WriteDocument(to, new VersionView(new ClientVersionView("0.1.0", "quilt.v1"), new DaemonVersionView("0.1.0", "quilt.v1", ".NET 10")), j => j.VersionView);
        CliJson.WriteDocument(to, new DoctorView(false, [new FindingView("nft", false, false, "none", "install nftables")]), j => j.DoctorView);
        CliJson.WriteLine(to, ViewOf.Event(Samples.Event), j => j.EventView);
        CliJson.WriteLine(to, ViewOf.LogLine(Samples.Line), j => j.LogLineView);
        CliJson.WriteLine(to, ViewOf.LogLine(Samples.BinaryLine), j => j.LogLineView);
        ErrorText.Write(to, new QuiltException(ErrorCode.NotFound, "there is no container 'x'", "see 'quilt ps -a'", "container"), json: true);
    }));

    [Fact]
    public void Tables_and_lists_are_as_they_were() => Snapshot.Check("human.txt", CommandLine.Write(to =>
    {
        PsCommand.WriteTable(to, Style.Plain, [Samples.Running, Samples.Exited], whole: false, Samples.Now);
        PsCommand.WriteTable(to, Style.Plain, [Samples.Running], whole: true, Samples.Now);
        InspectCommand.Write(to, Style.Plain, Samples.Running, Samples.Now);
        InspectCommand.Write(to, Style.Plain, Samples.Exited, Samples.Now);
        StatsCommand.WriteTable(to, Style.Plain, Samples.Stats);
        ImagesCommand.Write(to, Style.Plain, [Samples.Image], Samples.Now);
        EventsCommand.Write(to, Style.Plain, Samples.Event);
        InfoCommand.Write(to, Style.Plain, Samples.Info, DaemonAddress.Parse(DaemonAddress.Default, "host"), Samples.Now);
        DoctorCommand.Write(to, Style.Plain, [new HostFinding("kernel", "Linux 6.1.0", null), new HostFinding("nft", "none", "install nftables") { IsNeeded = false }]);
        ErrorText.Write(to, new QuiltException(ErrorCode.NotFound, "there is no container 'x'", "see 'quilt ps -a'", "container"), json: false);
    }));

    [Fact]
    public void Only_a_terminal_gets_colours()
    {
        Container[] containers = [Samples.Running];
        Assert.DoesNotContain('\e', CommandLine.Write(to => PsCommand.WriteTable(to, Style.Plain, containers, false, Samples.Now)));
        Assert.Contains('\e', CommandLine.Write(to => PsCommand.WriteTable(to, new Style(true), containers, false, Samples.Now)));
    }

    [Theory]
    [InlineData("\e]0;title\a")]
    [InlineData("\e[2J")]
    [InlineData("\u009b2J")]
    [InlineData("line\r\nquilt: all is well")]
    [InlineData("\u202egnp.exe")]
    [InlineData("\udb40\udc41")]
    public void What_others_wrote_does_not_reach_the_terminal_raw(string hostile)
    {
        Container container = Samples.Running.Clone();
        container.Command.Add(hostile);
        container.Env["WHAT"] = hostile;
        container.Labels["label"] = hostile;
        Event happened = Samples.Event.Clone();
        happened.Attributes["reason"] = hostile;
        ToolAnswer audit = new(JsonSerializer.SerializeToElement(new Dictionary<string, object> { ["entries"] = new[] { new Dictionary<string, string> { ["tool"] = hostile } } }));
        string[] shown =
        [
            CommandLine.Write(to => PsCommand.WriteTable(to, Style.Plain, [container], whole: true, Samples.Now)),
            CommandLine.Write(to => InspectCommand.Write(to, Style.Plain, container, Samples.Now)),
            CommandLine.Write(to => EventsCommand.Write(to, Style.Plain, happened)),
            CommandLine.Write(to => ((ToolCommand)CommandTable.Find("audit")!).Write(to, Style.Plain, audit, Samples.Now)),
            CommandLine.Write(to => ErrorText.Write(to, new QuiltException(ErrorCode.NotFound, $"there is no '{hostile.ReplaceLineEndings("")}'", $"not {hostile.ReplaceLineEndings("")}"), json: false)),
        ];
        Assert.All(shown, text => Assert.DoesNotContain(text.EnumerateRunes(), r => r.Value != '\n' && (Rune.IsControl(r) || Rune.GetUnicodeCategory(r) == UnicodeCategory.Format)));
        Assert.All(shown, text => Assert.DoesNotContain("\nquilt: all is well", text));
    }

    [Fact]
    public void How_much_of_the_processors_a_container_may_use_is_told_apart_from_which_it_may_use()
    {
        Container container = Samples.Running.Clone();
        (container.Resources.Cpus, container.Resources.Cpuset) = (0, "0-1");
        string shown = CommandLine.Write(to => InspectCommand.Write(to, Style.Plain, container, Samples.Now));
        Assert.Matches("\ncpus +no limit\n", shown);
        Assert.Matches("\nmore limits +cpuset 0-1\n", shown);
    }

    [Fact]
    public void What_others_wrote_is_shown_whole_in_whatever_language()
    {
        string text = $"grüße 你好 🧵 {new string('x', 300)}";
        Assert.Contains(text, CommandLine.Write(to => new FieldList().Add("command", text).Write(to, Style.Plain)));
    }

    [Theory]
    [InlineData(0, "0 seconds")]
    [InlineData(1, "1 second")]
    [InlineData(59, "59 seconds")]
    [InlineData(60, "1 minute")]
    [InlineData(7199, "1 hour")]
    [InlineData(86400, "24 hours")]
    [InlineData(200000, "2 days")]
    [InlineData(-5, "0 seconds")]
    public void Times_are_said_in_the_largest_unit_that_fits(int seconds, string text) => Assert.Equal(text, Ago.Span(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("10m", -600)]
    [InlineData("30", -30)]
    [InlineData("1769860800", 0)]
    [InlineData("1769860800.5", 0.5)]
    [InlineData("2026-01-31T12:00:00Z", 0)]
    [InlineData("2026-01-31T13:00:01+01:00", 1)]
    [InlineData("2026-01-31 12:00:02", 2)]
    public void A_time_is_a_moment_or_how_long_ago(string text, double offset) =>
        Assert.Equal(Samples.Now.AddSeconds(offset), PointInTime.Parse(text, "--since", Samples.Now)!.ToDateTimeOffset());

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(10)]
    public void Captured_output_below_its_limit_is_whole(int length)
    {
        CapturedOutput captured = new(10);
        string text = new('x', length);
        captured.Add(Encoding.UTF8.GetBytes(text));
        Assert.Equal(text, captured.Text());
        Assert.False(captured.Truncated);
    }

    [Fact]
    public void Captured_output_keeps_its_head_and_tail_whatever_the_pieces() => Assert.All(Enumerable.Range(1, 40), piece =>
    {
        CapturedOutput captured = new(10);
        byte[] all = Encoding.ASCII.GetBytes("abcdefghijklmnopqrstuvwxyz");
        foreach (byte[] part in all.Chunk(piece))
        {
            captured.Add(part);
        }

        Assert.Equal("abcde\n[16 bytes left out]\nvwxyz", captured.Text());
        Assert.True(captured.Truncated);
        Assert.Equal(26, captured.TotalBytes);
    });
}
