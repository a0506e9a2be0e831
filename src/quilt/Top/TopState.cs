using Quilt.Api.V1;

namespace Quilt.Cli;

/// <summary>What top knows, and what its user has chosen. Its feeds and its keys change it, one at a time.</summary>
internal sealed class TopState(TopKey sort)
{
    private const int EventsKept = 200;
    private readonly Lock _lock = new();
    private readonly Queue<Event> _events = [];
    private IReadOnlyList<Container> _containers = [];
    private Dictionary<string, ContainerStats> _stats = [];
    private IReadOnlyList<TopEdge> _edges = [];
    private TopKey _sort = sort;
    private bool _reversed, _onlySelected;
    private string? _selected;

    internal void Set(GetStatsResponse reading)
    {
        lock (_lock)
        {
            _stats = reading.Stats.ToDictionary(s => s.Container);
        }
    }

    internal void Set(IReadOnlyList<Container> containers)
    {
        lock (_lock)
        {
            _containers = containers;
        }
    }

    internal void Set(IReadOnlyList<TopEdge> edges)
    {
        lock (_lock)
        {
            _edges = edges;
        }
    }

    internal void Add(Event happened)
    {
        lock (_lock)
        {
            _events.Enqueue(happened);
            if (_events.Count > EventsKept)
            {
                _events.Dequeue();
            }
        }
    }

    /// <returns>False where top is to end.</returns>
    internal bool Press(TopKey key)
    {
        lock (_lock)
        {
            switch (key)
            {
                case TopKey.Quit:
                    return false;
                case TopKey.Up or TopKey.Down:
                    Move(key == TopKey.Up ? -1 : 1);
                    break;
                case TopKey.OnlySelected:
                    _onlySelected = !_onlySelected;
                    break;
                case TopKey.Reverse:
                    _reversed = !_reversed;
                    break;
                case not TopKey.None:
                    (_sort, _reversed) = (key, key == _sort && !_reversed);
                    break;
            }

            return true;
        }
    }

    internal TopPicture Look()
    {
        lock (_lock)
        {
            IReadOnlyList<TopRow> rows = Rows();
            string? selected = rows.Any(r => r.Container.Id == _selected) ? _selected : rows is [var first, ..] ? first.Container.Id : null;
            bool Shown(string id) => !_onlySelected || id == selected;
            return new TopPicture(rows, selected, _sort, _reversed, _onlySelected, [.. _edges.Where(e => Shown(e.From) || Shown(e.To))], [.. _events.Where(e => Shown(e.Container))]);
        }
    }

    private void Move(int by)
    {
        List<TopRow> rows = [.. Rows()];
        int at = Math.Max(0, rows.FindIndex(r => r.Container.Id == _selected));
        _selected = rows.Count == 0 ? null : rows[Math.Clamp(at + by, 0, rows.Count - 1)].Container.Id;
    }

    private IReadOnlyList<TopRow> Rows()
    {
        IEnumerable<TopRow> rows = _containers.Select(c => new TopRow(c, _stats.GetValueOrDefault(c.Id))).OrderBy(r => r.Container.Name, StringComparer.Ordinal);

        // Names from the first on; of the rest the largest first.
        IEnumerable<TopRow> sorted = _sort == TopKey.SortByName ? rows : rows.OrderByDescending(r => r.Used is { } used ? Weight(used) : -1);
        return [.. _reversed ? sorted.Reverse() : sorted];
    }

    private double Weight(ContainerStats used) => _sort switch
    {
        TopKey.SortByMemory => used.MemoryBytes,
        TopKey.SortByPids => used.Pids,
        TopKey.SortByDisk => used.IoReadBytes + used.IoWriteBytes,
        TopKey.SortByNetwork => used.NetworkReceivedBytes + used.NetworkSentBytes,
        _ => used.CpuPercent,
    };
}

/// <param name="Used">Null where it does not run.</param>
internal sealed record TopRow(Container Container, ContainerStats? Used);

/// <param name="From">Ids, as <paramref name="To"/>, which may be something outside.</param>
internal sealed record TopEdge(string From, string To, string Text);

/// <summary>What is to be shown at a moment.</summary>
/// <param name="Edges">Of the selected container alone where <paramref name="OnlySelected"/>; the events too.</param>
internal sealed record TopPicture(
    IReadOnlyList<TopRow> Rows, string? Selected, TopKey Sort, bool Reversed, bool OnlySelected, IReadOnlyList<TopEdge> Edges, IReadOnlyList<Event> Events);
