using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record GetEventsArguments
{
    [Description("After this event. Left out: the oldest that is kept.")]
    public long? Cursor { get; init; }

    [Description("Of this container alone.")]
    public string? Container { get; init; }

    [Description("Of these types alone.")]
    public IReadOnlyList<string>? Types { get; init; }

    [Description("Only what happened from then on.")]
    public DateTimeOffset? Since { get; init; }

    [Description("Only what happened up to then.")]
    public DateTimeOffset? Until { get; init; }

    [Description("Where there is nothing yet, wait for it that long at most.")]
    public TimeSpan? Wait { get; init; }

    [Description("At most so many.")]
    [Range(1, 1000)]
    [DefaultValue(100)]
    public int? Limit { get; init; }
}

public sealed record GetEventsResult
{
    [Description("In order.")]
    public required IReadOnlyList<EventView> Events { get; init; }

    [Description("Give it for those that come after.")]
    public required long Cursor { get; init; }
}

/// <summary>See <see cref="ContainerEngine.EventsAsync"/>.</summary>
public sealed class GetEventsTool(ContainerEngine engine) : Tool<GetEventsArguments, GetEventsResult>
{
    private const int UsualPage = 100;

    public override ToolDefinition Definition { get; } = new("getEvents")
    {
        Title = "Read events",
        Description = "What has happened to your containers, sessions and tasks, in order and without gaps. Keep the cursor to read on; with wait it answers when something happens.",
        Example = """{"cursor": 120, "wait": "30s"}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override async Task<GetEventsResult> RunAsync(GetEventsArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        Check(arguments.Types);
        string? container = string.IsNullOrEmpty(arguments.Container) ? null : ContainerOf(arguments.Container, context.Caller);
        List<EventView> found = [];
        long cursor = arguments.Cursor ?? 0;
        using CancellationTokenSource patient = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bool waits = arguments.Wait > TimeSpan.Zero;
        if (waits)
        {
            patient.CancelAfter(TimerSpan.Of(arguments.Wait!.Value));
        }

        // What is there already is read without waiting; only where there is nothing, the next is waited for.
        await ReadAsync(follow: false, cancellation).ConfigureAwait(false);
        if (found.Count == 0 && waits)
        {
            try
            {
                await ReadAsync(follow: true, patient.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // Nothing happened.
            }
        }

        return new GetEventsResult { Events = found, Cursor = cursor };

        async Task ReadAsync(bool follow, CancellationToken token)
        {
            await foreach (EngineEvent happened in engine.EventsAsync(cursor, container, follow, arguments.Since, arguments.Until, token).ConfigureAwait(false))
            {
                cursor = happened.Cursor;
                if (context.Caller.MayKnow(happened) && (arguments.Types is not { Count: > 0 } types || types.Contains(happened.Type)))
                {
                    found.Add(EventView.Of(happened));
                    if (follow || found.Count == (arguments.Limit ?? UsualPage))
                    {
                        return;
                    }
                }
            }
        }
    }

    /// <summary>Also one that is gone: its events are still there, under its id.</summary>
    public static string ContainerOf(string key, Caller caller) => ContainerId.TryParse(key, out ContainerId id) ? id.Value : caller.Container(key, Access.Use).Id.Value;

    /// <exception cref="QuiltException">InvalidArgument: an unknown type.</exception>
    public static void Check(IReadOnlyCollection<string>? types)
    {
        if (types?.FirstOrDefault(t => !EventTypes.All.Contains(t)) is { } unknown)
        {
            throw QuiltException.Invalid("types", $"event type '{unknown}' is unknown", $"use {string.Join(", ", EventTypes.All)}");
        }
    }
}
