namespace Quilt.Images;

/// <summary>From one range of user and group ids to another of the same length.</summary>
/// <param name="From">The first of the old.</param>
/// <param name="To">The first of the new.</param>
public readonly record struct IdShift(uint From, uint To)
{
    private const uint Nobody = 65534;

    /// <summary>One that is outside of the old range becomes nobody, as whoever lives in it sees it.</summary>
    public uint Apply(uint id) => To + (id >= From && id - From < UserLookup.IdCount ? id - From : Nobody);
}
