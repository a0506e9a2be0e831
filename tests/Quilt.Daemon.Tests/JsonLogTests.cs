using System.Diagnostics;
using System.Text.Json;
using Quilt.Testing;
using Xunit;

namespace Quilt.Daemon.Tests;

public sealed class JsonLogTests
{
    [Fact]
    public async Task Each_line_of_the_log_is_an_object_with_the_fields_that_are_promised()
    {
        using TemporaryFolder folder = new();
        string log = folder["log"];
        await using (DaemonProcess daemon = await DaemonProcess.StartByAsync(Logged, "--log-format", "Json"))
        {
            await daemon.Client.Remove((await daemon.Client.Run()).Id);
        }

        string[] lines = await File.ReadAllLinesAsync(log, TestContext.Current.CancellationToken);
        Assert.NotEmpty(lines);
        Assert.All(lines, line =>
        {
            using JsonDocument parsed = JsonDocument.Parse(line);
            JsonElement entry = parsed.RootElement;
            Assert.Equal(TimeSpan.Zero, DateTimeOffset.Parse(entry.GetProperty("Timestamp").GetString()!, System.Globalization.CultureInfo.InvariantCulture).Offset);
            Assert.Equal(JsonValueKind.Number, entry.GetProperty("EventId").ValueKind);
            Assert.Contains(entry.GetProperty("LogLevel").GetString(), (string[])["Debug", "Information", "Warning", "Error", "Critical"]);
            Assert.NotEmpty(entry.GetProperty("Category").GetString()!);
            Assert.Equal(JsonValueKind.String, entry.GetProperty("Message").ValueKind);
            Assert.Equal(JsonValueKind.Object, entry.GetProperty("State").ValueKind);
        });

        Process Logged(ProcessStartInfo start) => Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >\"$0\" 2>&1", log, start.FileName, .. start.ArgumentList.Select(a => a == "Warning" ? "Debug" : a)]))!;
    }
}
