namespace Quilt.Core;

/// <summary>The value of this argument, or the values in it, may be secret: the audit keeps names and lengths alone.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SensitiveAttribute : Attribute;
