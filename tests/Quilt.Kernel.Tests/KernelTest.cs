using Quilt.Testing;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>A test that makes containers, after which the machine is as it was.</summary>
public abstract class KernelTest(OciRuntimeFixture runtime) : IAsyncLifetime
{
    private LeakCheck? _leaks;

    protected OciRuntimeFixture Runtime { get; } = runtime;

    public ValueTask InitializeAsync()
    {
        // What other programs mount and group meanwhile is not ours.
        _leaks = new LeakCheck(thing => thing.Contains(OciRuntimeFixture.Group, StringComparison.Ordinal) || thing.Contains(Runtime.Folder, StringComparison.Ordinal));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _leaks!.DisposeAsync();
    }
}
