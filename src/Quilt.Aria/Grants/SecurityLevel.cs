namespace Quilt.Aria;

/// <summary>What a tool can do to others. An agent has a ceiling.</summary>
public enum SecurityLevel
{
    /// <summary>Reads only.</summary>
    Safe,

    /// <summary>Changes what the caller owns.</summary>
    Limited,

    /// <summary>Affects others, the network or registries.</summary>
    Elevated,

    /// <summary>Touches the host, such as its paths or its addresses.</summary>
    Dangerous,
}
