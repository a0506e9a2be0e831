using System.Globalization;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

/// <summary>One build while it goes on: what its stages share.</summary>
internal sealed class BuildSession : IAsyncDisposable
{
    private const string EpochArgument = "SOURCE_DATE_EPOCH";
    private readonly Lock _lock = new();
    private readonly Action<BuildEvent> _events;
    private readonly Dictionary<int, Task<StageResult>> _stages = [];
    private readonly Dictionary<string, IgnoreFile> _ignored = [];
    private readonly Dictionary<string, Task<StoredImage>> _images = [];
    private readonly HashSet<string> _usedArguments = [];
    private readonly HashSet<(string, SourcePosition)> _warned = [];
    private readonly CancellationTokenSource _stop;
    private QuiltException? _failure;
    private int _steps, _folders;

    internal BuildSession(BuildServices services, BuildHelpers helpers, BuildRequest request, BuildPlan plan, string folder, Action<BuildEvent> events, CancellationToken cancellation)
    {
        // First, since it may throw: nothing is acquired yet.
        Epoch = ReadEpoch(request);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        Services = services;
        Helpers = helpers;
        Request = request;
        Plan = plan;
        Folder = folder;
        _events = events;
        Empty = NewFolder();
        Lease = services.Store.Lease();
    }

    internal BuildServices Services { get; }
    internal BuildHelpers Helpers { get; }
    internal BuildRequest Request { get; }
    internal BuildPlan Plan { get; }
    internal ImageLease Lease { get; }

    /// <summary>SOURCE_DATE_EPOCH: no time in the image is later. Null where the build has none.</summary>
    internal DateTimeOffset? Epoch { get; }

    /// <summary>A folder with nothing in it, where layers are asked for and there are none.</summary>
    internal string Empty { get; }

    /// <summary>How many steps are at work at once: what they do mostly waits or takes a whole processor.</summary>
    internal SemaphoreSlim Slots { get; } = new(Math.Max(2, Environment.ProcessorCount));

    /// <summary>Of the build alone; gone with it.</summary>
    private string Folder { get; }

    /// <summary>Of what the build makes itself, so that the same files are the same each time.</summary>
    internal FileTime MadeAt => Epoch is { } epoch ? new FileTime(epoch.ToUnixTimeSeconds(), 0) : default;

    internal DateTimeOffset Now => Epoch ?? DateTimeOffset.FromUnixTimeSeconds(Services.Time.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>No later than SOURCE_DATE_EPOCH.</summary>
    internal FileTime Clamp(FileTime time) =>
        Epoch is { } epoch && (time.Seconds > epoch.ToUnixTimeSeconds() || (time.Seconds == epoch.ToUnixTimeSeconds() && time.Nanoseconds > 0))
            ? new FileTime(epoch.ToUnixTimeSeconds(), 0)
            : time;

    internal string NewFolder()
    {
        string path = Path.Combine(Folder, Interlocked.Increment(ref _folders).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(path);
        return path;
    }

    internal int NextStep() => Interlocked.Increment(ref _steps);

    internal void Tell(BuildEvent told)
    {
        lock (_lock)
        {
            _events(told);
        }
    }

    /// <summary>Once for each place, unless the file skips the check.</summary>
    internal void Warn(BuildWarning warning)
    {
        if (Plan.Dockerfile.Wants(warning))
        {
            lock (_lock)
            {
                if (_warned.Add((warning.Rule, warning.Position)))
                {
                    _events(new BuildEvent.Warned(warning));
                }
            }
        }
    }

    /// <summary>The value that the caller gave for an ARG.</summary>
    internal string? ArgumentOf(string name)
    {
        lock (_lock)
        {
            _usedArguments.Add(name);
        }

        return Request.Arguments.GetValueOrDefault(name);
    }

    /// <summary>Arguments that nothing asked for, in order.</summary>
    internal IReadOnlyList<string> UnusedArguments()
    {
        IEnumerable<string> global = Plan.Dockerfile.GlobalArguments.SelectMany(a => a.Names).Select(n => n.Key.Text);
        return
        [
            .. Request.Arguments.Keys
                .Where(n => !PlatformArguments.IsProxy(n) && n != EpochArgument && !n.StartsWith("BUILDKIT_", StringComparison.Ordinal))
                .Except(_usedArguments).Except(global).Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>What the build failed of; what other stages tell afterwards comes of it.</summary>
    internal QuiltException? Failure => Volatile.Read(ref _failure);

    /// <summary>Ends the build: what one stage's failure makes useless does not run its course.</summary>
    /// <returns>False where it has failed already.</returns>
    internal bool TryFail(QuiltException failure)
    {
        bool first = Interlocked.CompareExchange(ref _failure, failure, null) is null;
        if (first)
        {
            _stop.Cancel();
        }

        return first;
    }

    /// <summary>A stage's outcome; begins it where nobody has yet.</summary>
    internal Task<StageResult> StageAsync(int index)
    {
        lock (_lock)
        {
            if (_stages.TryGetValue(index, out Task<StageResult>? known))
            {
                return known;
            }

            PlannedStage planned = Plan.StageAt(index);
            return _stages[index] = Task.Run(() => new StageBuilder(this, planned).RunAsync(_stop.Token), _stop.Token);
        }
    }

    /// <summary>Waits until no stage is at work any more, however each ended.</summary>
    private async Task SettleAsync()
    {
        while (true)
        {
            Task[] running;
            lock (_lock)
            {
                running = [.. _stages.Values.Cast<Task>().Concat(_images.Values)];
            }

            // One that ended may have begun another.
            bool hasSettled = Array.TrueForAll(running, t => t.IsCompleted);
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (hasSettled)
            {
                return;
            }
        }
    }

    /// <summary>An image that the Dockerfile names; asked for once.</summary>
    internal Task<StoredImage> ImageAsync(ImageReference reference, Platform platform, CancellationToken cancellation)
    {
        lock (_lock)
        {
            string key = $"{platform} {reference.Canonical}";
            return _images.TryGetValue(key, out Task<StoredImage>? known)
                ? known
                : _images[key] = Task.Run(() => FindAsync(reference, platform, cancellation), cancellation);
        }
    }

    /// <summary>Of a context; read once.</summary>
    /// <exception cref="QuiltException">InvalidArgument: a pattern in it is none.</exception>
    internal IgnoreFile IgnoreFileOf(BuildContext.Folder context)
    {
        lock (_lock)
        {
            return _ignored.TryGetValue(context.Path, out IgnoreFile? known) ? known : _ignored[context.Path] = ReadIgnoreFile(context);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await SettleAsync().ConfigureAwait(false);
        _stop.Dispose();
        Lease.Dispose();
        Slots.Dispose();
        FolderRemoval.Begin(Folder);
    }

    private static DateTimeOffset? ReadEpoch(BuildRequest request)
    {
        if (!request.Arguments.TryGetValue(EpochArgument, out string? text) || text.Length == 0)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw QuiltException.Invalid("arguments", $"{EpochArgument} '{Text.Printable(text)}' is no time", "give seconds since 1970, as date +%s prints");
    }

    private IgnoreFile ReadIgnoreFile(BuildContext.Folder context)
    {
        using ImageTree tree = ImageTree.Open([context.Path]);
        return IgnoreFile.In(tree, context == Request.Context ? Request.DockerfileName : null);
    }

    private async Task<StoredImage> FindAsync(ImageReference reference, Platform platform, CancellationToken cancellation)
    {
        StoredImage image = await Helpers.Images.FindAsync(reference, platform, Lease, cancellation).ConfigureAwait(false);
        Lease.Hold(image);
        return image;
    }
}

/// <param name="Layers">Lowest first.</param>
internal sealed record StageResult(IReadOnlyList<StoredLayer> Layers, ImageDocument Document);
