using System.Globalization;
using System.Text;
using Quilt.Shim.Contract;
using Quilt.Testing;
using Xunit;

namespace Quilt.Unit.Tests;

public sealed class LogRotationTests
{
    [Fact]
    public void A_log_has_no_more_than_its_files_and_its_newest_lines_follow_each_other()
    {
        using TemporaryFolder folder = new();
        using (LogWriter writer = new(folder.Path, maxBytes: 200, maxFiles: 3))
        {
            for (int i = 0; i < 100; i++)
            {
                writer.Append(LogStream.Stdout, Encoding.ASCII.GetBytes($"{i}\n"));
            }
        }

        Assert.Equal(3, LogRecordHeader.Files(folder.Path).Count);
        Assert.All(Directory.EnumerateFiles(folder.Path), file => Assert.InRange(new FileInfo(file).Length, 1, 200));
        using LogReader reader = new(folder.Path);
        int[] lines = [.. reader.Read().Select(e => int.Parse(e.Data.Span, CultureInfo.InvariantCulture))];
        Assert.Equal(Enumerable.Range(lines[0], lines.Length), lines);
        Assert.Equal(99, lines[^1]);
    }
}
