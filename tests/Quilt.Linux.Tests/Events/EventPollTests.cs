using Quilt.Testing;

namespace Quilt.Linux.Tests.Events;

public sealed class EventPollTests : IDisposable
{
    private readonly EventPoll _poll = new(4);

    public void Dispose() => _poll.Dispose();

    [Fact]
    public void A_raised_counter_wakes_with_its_token_and_all_it_was_raised()
    {
        using EventCounter counter = new();
        _poll.Watch(counter.File, EventKind.Readable, 0xFEEDFACE_12345678);
        Assert.Equal(0, _poll.Wait(0));
        counter.Raise();
        counter.Raise();
        Assert.Equal(1, _poll.Wait(5000));
        Assert.Equal((0xFEEDFACE_12345678, EventKind.Readable), _poll[0]);
        Assert.Equal((2UL, 0UL), (counter.Take(), counter.Take()));
        Assert.Equal(0, _poll.Wait(0));
    }

    [Fact]
    public void More_events_than_fit_come_with_the_next_wait()
    {
        EventCounter[] counters = [.. Enumerable.Range(0, 6).Select(_ => new EventCounter())];
        HashSet<ulong> seen = [];
        for (int i = 0; i < counters.Length; i++)
        {
            _poll.Watch(counters[i].File, EventKind.Readable, (ulong)i);
            counters[i].Raise();
        }

        while (seen.Count < 6)
        {
            int count = _poll.Wait(5000);
            Assert.InRange(count, 1, 4);
            for (int i = 0; i < count; i++)
            {
                Assert.True(seen.Add(_poll[i].Token));
                counters[_poll[i].Token].Take();
            }
        }

        Array.ForEach(counters, c => c.Dispose());
    }

    [Fact]
    public void What_is_forgotten_wakes_nobody()
    {
        using EventCounter counter = new();
        _poll.Watch(counter.File, EventKind.Readable, 1);
        _poll.Forget(counter.File);
        counter.Raise();
        Assert.Equal(0, _poll.Wait(0));
    }

    [Fact]
    public void A_timer_comes_once_and_a_stopped_one_never()
    {
        using EventTimer timer = new();
        _poll.Watch(timer.File, EventKind.Readable, 1);
        timer.Set(TimeSpan.FromHours(1));
        timer.Set(TimeSpan.Zero);
        Assert.Equal(1, _poll.Wait(5000));
        Assert.Equal((1UL, 0UL), (timer.Take(), timer.Take()));
        timer.Set(TimeSpan.FromMilliseconds(1), every: TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, _poll.Wait(5000));
        timer.Stop();
        Assert.Equal(0UL, timer.Take());
    }

    [Fact]
    public async Task A_process_that_ends_makes_its_pidfd_readable()
    {
        using System.Diagnostics.Process child = System.Diagnostics.Process.Start("/bin/sleep", "60");
        using FileDescriptor process = ProcessIdentity.TryOf(child.Id)!.Value.TryOpen()!;
        _poll.Watch(process, EventKind.Readable, 7);
        Assert.Equal(0, _poll.Wait(0));
        Assert.True(Sys.PidFdSendSignal(process, 9));
        Assert.Equal(1, _poll.Wait(5000));
        Assert.Equal(7UL, _poll[0].Token);
        await child.WaitForExitAsync();
    }

    [Fact]
    public void Waiting_allocates_nothing()
    {
        using EventCounter counter = new();
        _poll.Watch(counter.File, EventKind.Readable, 1);
        Turn();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Turn();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Turn()
        {
            counter.Raise();
            if (_poll.Wait(5000) != 1 || _poll[0].Token != 1 || counter.Take() != 1)
            {
                throw new InvalidOperationException("no event");
            }
        }
    }

    [Fact]
    public void A_folder_cannot_be_watched()
    {
        using TemporaryFolder folder = new();
        using FileDescriptor file = Sys.Open(folder.Path, OpenMode.ReadOnly | OpenMode.Directory);
        Assert.Equal(Errno.EPERM, Assert.Throws<SyscallException>(() => _poll.Watch(file, EventKind.Readable, 0)).Errno);
    }
}
