using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Quilt.Aria;

public sealed record HealthcheckArguments
{
    [Description("[\"CMD\", PROGRAM, ARGUMENT...], [\"CMD-SHELL\", \"shell text\"], or [\"NONE\"] for none. Its exit code 0 is healthy. Left out: the image's, with what else is given here.")]
    public IReadOnlyList<string>? Test { get; init; }

    [Description("Between two probes; 30 s where it is left out, at least 100 ms.")]
    public TimeSpan? Interval { get; init; }

    [Description("A probe that takes longer is killed and has failed; 30 s where it is left out.")]
    public TimeSpan? Timeout { get; init; }

    [Description("So many failures one after the other are unhealthy.")]
    [Range(1, 1000)]
    [DefaultValue(3)]
    public int? Retries { get; init; }

    [Description("After its start failures do not count for so long, until a probe has succeeded. 0 where it is left out.")]
    public TimeSpan? StartPeriod { get; init; }

    [Description("Between two probes in the start period; 5 s where it is left out.")]
    public TimeSpan? StartInterval { get; init; }
}
