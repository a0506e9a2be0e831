using System.Text;
using CsCheck;
using Quilt.Fuzzing;
using Quilt.Fuzzing.Guidance;
using Quilt.Testing;
using Xunit;

namespace Quilt.Unit.Tests;

/// <summary>That coverage leads, on properties that say themselves which edges an input takes.</summary>
public sealed class GuidedRunTests : IDisposable
{
    private const string Word = "TA";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_opens_byte_by_byte_is_reached_with_guidance_and_not_without()
    {
        Assert.Equal(1 + Word.Length, Run(guided: true, 50_000).Edges);
        Assert.InRange(Run(guided: false, 50_000).Edges, 1, 2);
    }

    [Fact]
    public void What_an_earlier_run_reached_is_where_the_next_one_begins()
    {
        GuidedRun first = Run(guided: true, 50_000);
        Assert.Equal(first.Kept, Directory.GetFiles(_folder["corpus"], "*", SearchOption.AllDirectories).Length);
        GuidedRun second = Run(guided: true, 1000);
        Assert.Equal((first.Edges, 0), (second.Edges, second.Kept));
    }

    [Fact]
    public void What_fails_is_kept_once_with_its_reason_and_the_run_goes_on()
    {
        GuidedRun run = Run(guided: true, 1000, bytes => throw new InvalidDataException("as expected"));
        Assert.Equal((1000, 1), (run.Executions, run.Findings.Crashes));
        string reason = Assert.Single(Directory.GetFiles(_folder["crashes"], "*.txt"));
        Assert.Contains("as expected", File.ReadAllText(reason), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.ChangeExtension(reason, ".0")));
    }

    [Fact]
    public void An_input_of_several_values_is_kept_whole_so_that_it_can_be_made_again()
    {
        using (Findings findings = new(_folder.Path, hangs: () => { }))
        {
            GuidedRun run = new(findings, guided: true);
            Gen<(string, byte[], int[])> inputs = Gen.Select(Gen.Const("createContainer \"x\""), Mutated.Bytes("{}"u8.ToArray()), Gen.Const(new[] { 7, 8 }));
            run.Run(
                inputs,
                input =>
                {
                    Assert.Equal(InputText.Of(input), File.ReadAllText(_folder["running"]));
                    throw new InvalidDataException(InputText.Of(input));
                },
                new PCG(1, 1), () => run.Executions < 1);
        }

        string reason = Assert.Single(Directory.GetFiles(_folder["crashes"], "*.txt")), input = File.ReadAllText(Path.ChangeExtension(reason, ".input"));
        byte[] part = File.ReadAllBytes(Path.ChangeExtension(reason, ".0"));
        Assert.Equal($"(\"createContainer \\u0022x\\u0022\", base64:{Convert.ToBase64String(part)}, [7, 8])", input);
        Assert.Contains(input, File.ReadAllText(reason), StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_under_way_is_on_the_disk_for_it_may_end_the_process()
    {
        Run(guided: true, 100, bytes => Assert.Equal(bytes, File.ReadAllBytes(_folder["running"])));
        Assert.Empty(Directory.GetFiles(_folder["crashes"]));
        Assert.False(File.Exists(_folder["running"]));
    }

    [Fact]
    public void A_loop_that_goes_round_once_more_is_not_worth_keeping_and_many_times_more_is()
    {
        Coverage coverage = new();
        Assert.Equal([true, true, true, true, false, false, true], ((int[])[1, 2, 3, 4, 5, 1, 100]).Select(times => IsWorthIt(coverage, times, length: 10)));
        Assert.Equal(1, coverage.Edges);
    }

    [Fact]
    public void What_takes_the_same_edges_is_worth_keeping_where_it_is_half_as_long()
    {
        Coverage coverage = new();
        Assert.Equal([true, false, true, false, true], ((int[])[100, 51, 50, 26, 1]).Select(length => IsWorthIt(coverage, times: 1, length)));
    }

    private static bool IsWorthIt(Coverage coverage, int times, int length)
    {
        Coverage.Attach();
        Coverage.Clear();
        for (int i = 0; i < times; i++)
        {
            Coverage.Take(7);
        }

        return coverage.Add(length);
    }

    private GuidedRun Run(bool guided, long executions, Action<byte[]>? property = null)
    {
        using Findings findings = new(_folder.Path, hangs: () => { });
        GuidedRun run = new(findings, guided);
        run.Run(Mutated.Bytes(Encoding.ASCII.GetBytes(new string('.', Word.Length))), property ?? TakesAnEdgeForEachRightByte, new PCG(1, 1), () => run.Executions < executions);
        return run;
    }

    private static void TakesAnEdgeForEachRightByte(byte[] bytes)
    {
        Coverage.Take(0);
        for (int i = 0; i < Math.Min(bytes.Length, Word.Length) && bytes[i] == Word[i]; i++)
        {
            Coverage.Take(1 + i);
        }
    }
}
