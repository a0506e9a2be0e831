using System.Text;
using Quilt.Cognition.Tests.Documents;
using Quilt.Core;
using Quilt.Testing;

namespace Quilt.Cognition.Tests.Processes;

/// <summary>What the process that reads a document may do, seen on a live one that a slow document keeps busy.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ConfinementTests
{
    private static readonly DocumentLimits Limits = Cognition.Slowed(new DocumentLimits { CpuSeconds = 60, WallSeconds = 60, MemoryBytes = 1L << 30, MaxDocumentBytes = 128 << 20 });

    [Fact]
    public async Task The_reader_has_no_network_no_rights_no_files_and_no_time_to_waste()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        await using LeakCheck leaks = Cognition.Leaks();
        using CancellationTokenSource stop = new();
        int call = 0;
        Task reading = Cognition.Parse(Slow(), Limits, "html", pid => call = pid, stop.Token);
        int worker = await Worker(() => call);

        Assert.All(Directory.EnumerateDirectories($"/proc/{worker}/task"), thread =>
        {
            Assert.Equal("65534 65534 65534 65534", Cognition.Status(thread, "Uid"));
            Assert.Equal("65534 65534 65534 65534", Cognition.Status(thread, "Gid"));
            Assert.Equal("", Cognition.Status(thread, "Groups"));
            Assert.Equal("1", Cognition.Status(thread, "NoNewPrivs"));
            Assert.Equal("2", Cognition.Status(thread, "Seccomp"));
            Assert.Equal("0000000000000000", Cognition.Status(thread, "CapPrm"));
            Assert.Equal("0000000000000000", Cognition.Status(thread, "CapEff"));
        });
        string[] devices = [.. (await File.ReadAllLinesAsync($"/proc/{worker}/net/dev", TestContext.Current.CancellationToken)).Skip(2).Select(l => l.Split(':')[0].Trim())];
        Assert.Equal(["lo"], devices.Where(d => d == "lo" || !d.EndsWith('0')));
        Assert.NotEqual(new FileInfo("/proc/self/ns/net").LinkTarget, new FileInfo($"/proc/{worker}/ns/net").LinkTarget);
        Assert.NotEqual(new FileInfo("/proc/self/ns/ipc").LinkTarget, new FileInfo($"/proc/{worker}/ns/ipc").LinkTarget);
        string limits = await File.ReadAllTextAsync($"/proc/{worker}/limits", TestContext.Current.CancellationToken);
        Assert.Matches($"Max cpu time +{Limits.CpuSeconds} +{Limits.CpuSeconds} ", limits);
        Assert.Matches(@"Max file size +0 +0 ", limits);
        Assert.Matches(@"Max core file size +0 +0 ", limits);
        Assert.Matches(@"Max open files +512 +512 ", limits);
        string environment = await File.ReadAllTextAsync($"/proc/{worker}/environ", TestContext.Current.CancellationToken);
        Assert.Equal(["DOTNET_EnableDiagnostics", "DOTNET_GCHeapHardLimit"], environment.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=')[0]).Order());
        Assert.All(Directory.EnumerateFiles($"/proc/{worker}/fd").Select(f => new FileInfo(f).LinkTarget ?? ""), target => Assert.DoesNotContain("socket:", target, StringComparison.Ordinal));

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task Under_an_ordinary_user_the_filter_and_the_limits_hold_all_the_same()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, to be somebody else");
        await using LeakCheck leaks = Cognition.Leaks();
        using TemporaryFolder folder = new();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        File.Copy(Cognition.Program, folder["quilt-cognition"]);
        await File.WriteAllTextAsync(folder["as-user"], $"#!/bin/sh\nexec /usr/bin/setpriv --reuid 12345 --regid 12345 --clear-groups {folder["quilt-cognition"]} \"$@\"\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(folder["as-user"], (UnixFileMode)0b111_101_101);
        CognitionProcess process = new(folder["as-user"]);
        CognitionConfig config = new() { Documents = Limits };
        ParseDocumentResult result = await process.Call(CognitiveTools.ParseDocument, Arguments(Office.Word()), config, null, TestContext.Current.CancellationToken);
        Assert.Equal("docx", result.Format);

        using CancellationTokenSource stop = new();
        int call = 0;
        Task reading = process.Call(CognitiveTools.ParseDocument, Arguments(Slow()), config, pid => call = pid, stop.Token);
        int worker = await Worker(() => call);
        Assert.Equal("12345 12345 12345 12345", Cognition.Status($"/proc/{worker}", "Uid"));
        Assert.Matches("Max file size +0 +0 ", await File.ReadAllTextAsync($"/proc/{worker}/limits", TestContext.Current.CancellationToken));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task A_reader_dies_with_the_call_that_started_it()
    {
        await using LeakCheck leaks = Cognition.Leaks();
        int call = 0;
        Task reading = Cognition.Parse(Slow(), Limits, "html", pid => call = pid);
        int worker = await Worker(() => call);
        Quilt.Linux.Sys.Kill(call, Quilt.Linux.Signals.Kill);
        Assert.Equal(ErrorCode.ResourceExhausted, (await Assert.ThrowsAsync<QuiltException>(() => reading)).Code);
        await Deadline.Until(() => !Directory.Exists($"/proc/{worker}"));
    }

    [Fact]
    public async Task A_reader_that_takes_too_long_is_killed_by_its_parent()
    {
        await using LeakCheck leaks = Cognition.Leaks();
        QuiltException failure = await Assert.ThrowsAsync<QuiltException>(() => Cognition.Parse(Slow(), new DocumentLimits { WallSeconds = 1, CpuSeconds = 60, MemoryBytes = 1L << 30, MaxDocumentBytes = 128 << 20 }, "html"));
        Assert.Equal(ErrorCode.ResourceExhausted, failure.Code);
        Assert.Contains("longer than 1 seconds", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_computes_too_long_is_killed_by_the_kernel()
    {
        await using LeakCheck leaks = Cognition.Leaks();
        QuiltException failure = await Assert.ThrowsAsync<QuiltException>(() => Cognition.Parse(Slow(), Cognition.Slowed(new DocumentLimits { WallSeconds = 60, CpuSeconds = 1, MemoryBytes = 1L << 30, MaxDocumentBytes = 128 << 20 }), "html"));
        Assert.Equal(ErrorCode.ResourceExhausted, failure.Code);
        Assert.Matches("processor time|killed", failure.Message);
    }

    [Fact]
    public async Task The_heap_of_a_reader_is_bounded()
    {
        await using LeakCheck leaks = Cognition.Leaks();
        byte[] many = Encoding.ASCII.GetBytes("<html>" + string.Concat(Enumerable.Repeat("<p>x", 2 << 20)));
        QuiltException failure = await Assert.ThrowsAsync<QuiltException>(() => Cognition.Parse(many, Cognition.Usual with { MemoryBytes = 96 << 20 }, "html"));
        Assert.Equal(ErrorCode.ResourceExhausted, failure.Code);
        Assert.Contains("memory", failure.Message, StringComparison.Ordinal);
    }

    private static ParseDocumentArguments Arguments(byte[] document) => new() { ContentBase64 = Convert.ToBase64String(document) };

    /// <summary>A page of open elements, each of which is looked for among all that are open: quadratic, and seconds long.</summary>
    private static byte[] Slow() => Encoding.ASCII.GetBytes("<html><body>" + string.Concat(Enumerable.Repeat("<b>", 300_000)) + string.Concat(Enumerable.Repeat("<p>", 100_000)));

    /// <summary>The reader, once it has its document.</summary>
    private static async Task<int> Worker(Func<int> call)
    {
        int worker = 0;
        await Deadline.Until(() => (worker = Cognition.ChildrenOf(call()).FirstOrDefault()) != 0 && Cognition.Status($"/proc/{worker}", "Seccomp") == "2", TimeSpan.FromSeconds(30), "a confined reader");
        return worker;
    }
}
