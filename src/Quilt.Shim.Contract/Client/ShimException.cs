using Quilt.Core;

namespace Quilt.Shim.Contract;

/// <summary>The shim refused or failed; its own words, stage and error number.</summary>
public sealed class ShimException(ShimError error) : Exception(error.Message)
{
    public ShimError Error { get; } = error;

    /// <summary>As the rest of Quilt says it.</summary>
    public QuiltException Translate() => new(ErrorCodes.FromWireName(Error.Code), Error.Message, Error.Remedy, null, this);
}
