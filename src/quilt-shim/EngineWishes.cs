using Quilt.Core;
using Quilt.Launch;
using Quilt.Oci;
using Quilt.Shim.Contract;

namespace Quilt.Shim;

/// <summary>What the engine, which alone can ask a shim, wishes by <see cref="QuiltAnnotations"/>, as the launcher takes it.</summary>
internal static class EngineWishes
{
    extension(OciSpec spec)
    {
        internal RootLayers? Layers => spec.Annotations.GetValueOrDefault(QuiltAnnotations.Lower) is { } lower
            ? new RootLayers(lower.Split(':', StringSplitOptions.RemoveEmptyEntries), spec.Required(QuiltAnnotations.Upper), spec.Required(QuiltAnnotations.Work))
            : null;

        internal string? Filter => spec.Annotations.GetValueOrDefault(QuiltAnnotations.SeccompProgram);

        internal InitKind Init =>
            spec.Annotations.GetValueOrDefault(QuiltAnnotations.KeepAlive) == "true" ? InitKind.Alone
            : spec.Annotations.GetValueOrDefault(QuiltAnnotations.Init) == "true" ? InitKind.WithCommand
            : InitKind.None;

        private string Required(string name) => spec.Annotations.GetValueOrDefault(name)
            ?? throw QuiltException.Invalid("annotations", $"{QuiltAnnotations.Lower} is given without its writable layer", $"give {QuiltAnnotations.Upper} and {QuiltAnnotations.Work} too");
    }
}
