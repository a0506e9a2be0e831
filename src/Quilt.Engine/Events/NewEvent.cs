namespace Quilt.Engine;

/// <summary>What is to be told of a change.</summary>
internal readonly record struct NewEvent(string Type, params (string Name, string Value)[] Attributes);
