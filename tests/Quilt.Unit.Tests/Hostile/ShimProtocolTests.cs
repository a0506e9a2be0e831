using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Quilt.Fuzzing;
using Quilt.Shim.Contract;
using Quilt.Testing;
using Xunit;

namespace Quilt.Unit.Tests;

/// <summary>Between daemon and shim, and what both keep on disk: a peer, a crash or a disk may have damaged any of it.</summary>
public sealed class ShimProtocolTests
{
    private const string Request = """
        {"containerId":"c","create":{"containerId":"c","bundle":"/b","spec":{"ociVersion":"1.2.0","process":{"cwd":"/","args":["sh"],"env":["A=b"]}},"stdinOpen":true,"logMaxBytes":1,"logMaxFiles":2,"windowSize":{"columns":80,"rows":24}},
         "signal":{"signal":9,"execId":"e","all":true},"exec":{"execId":"e","process":{"cwd":"/","args":["sh"]},"background":true,"stdinOpen":false,"timeoutMillis":5},
         "execInput":{"execId":"e","input":"YQ==","closeStdin":true},"followLog":{"execId":"e"}}
        """;

    private const string Response = """
        {"error":{"code":"INTERNAL","message":"m","remedy":"r","stage":"exec","errno":2},"process":{"pid":7,"startTime":9},"startedAt":"2026-01-02T03:04:05Z",
         "state":{"status":"running","containerId":"c","process":{"pid":7,"startTime":9},"execs":[{"execId":"e","args":["sh"],"process":{"pid":8,"startTime":9},"startedAt":"2026-01-02T03:04:05Z","background":true}]}}
        """;

    private static readonly string Exit = JsonSerializer.Serialize(
        JsonSerializer.Deserialize("""{"exitCode":137,"signal":9,"oomKilled":true,"exitedAt":"2026-01-02T03:04:05Z"}""", ShimJson.Default.ExitRecord)!, ShimJson.Default.ExitRecord);

    [Fact]
    public void A_request_that_is_anything_is_understood_or_refused() => Fuzz.Run(MutatedJson.Of(Request), json => Read(json, ShimJson.Default.ShimRequest));

    [Fact]
    public void An_answer_an_event_and_a_record_of_an_exit_that_are_anything_are_understood_or_refused() => Fuzz.Run(MutatedJson.Of(Response, Exit, $$"""{"execId":"e","exit":{{Exit}}}"""), json =>
    {
        Read(json, ShimJson.Default.ShimResponse);
        Read(json, ShimJson.Default.ShimEvent);
        Read(json, ShimJson.Default.ExitRecord);
    });

    [Fact]
    public void A_log_damaged_anywhere_is_read_from_any_place_to_its_end()
    {
        using TemporaryFolder folder = new();
        string file = folder[LogRecordHeader.FileName(1)];
        using (LogWriter writer = new(folder.Path, 1 << 20, 2))
        {
            writer.Append(LogStream.Stdout, "a line\nand its begin"u8);
            writer.Append(LogStream.Stderr, "other\n"u8);
            writer.Append(LogStream.Stdout, "ning\n"u8);
        }

        byte[] whole = File.ReadAllBytes(file);
        Fuzz.Run(Mutated.Bytes(whole), bytes =>
        {
            File.WriteAllBytes(file, bytes);
            foreach (string place in (string[])["0:0:0", $"1:{bytes.Length / 2}:3", $"1:{1L << 50}:65536", $"{long.MaxValue}:0:0"])
            {
                Assert.True(LogCursor.TryParse(place, out LogCursor from));
                using LogReader reader = new(folder.Path) { Position = from };
                Fuzz.Bounded(() => Assert.All(reader.Read(), e => Assert.InRange(e.Data.Length, 0, 2 * LogRecordHeader.MaxPayload)));
            }
        }, iterations: 500);
    }

    [Fact]
    public void A_line_that_came_byte_by_byte_costs_as_much_as_any_other()
    {
        using TemporaryFolder folder = new();
        using (LogWriter writer = new(folder.Path, 16 << 20, 2))
        {
            for (int i = 0; i < LogRecordHeader.MaxPayload; i++)
            {
                writer.Append(LogStream.Stdout, "x"u8);
            }
        }

        using LogReader reader = new(folder.Path);
        Fuzz.Bounded(() => Assert.Equal(LogRecordHeader.MaxPayload, Assert.Single(reader.Read()).Data.Length));
    }

    [Fact]
    public void A_place_in_a_log_is_read_as_it_was_written_or_not_at_all() => Fuzz.Run(Mutated.Text("1:0:0", "12:34567:65536"), text =>
    {
        Assert.False(LogCursor.TryParse($"1:{long.MaxValue}:0", out _)); // which the kernel refuses to look at
        if (LogCursor.TryParse(text, out LogCursor cursor))
        {
            Assert.True(LogCursor.TryParse(cursor.ToString(), out LogCursor again));
            Assert.Equal(cursor, again);
        }
    });

    /// <summary>What is understood is written and read as the same.</summary>
    private static void Read<T>(byte[] json, JsonTypeInfo<T> type)
    {
        try
        {
            Fuzz.Bounded(() =>
            {
                if (JsonSerializer.Deserialize(json, type) is { } read)
                {
                    string written = JsonSerializer.Serialize(read, type);
                    Assert.Equal(written, JsonSerializer.Serialize(JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(written), type)!, type));
                }
            });
        }
        catch (JsonException)
        {
            // Refused.
        }
    }
}
