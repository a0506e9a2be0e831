namespace Quilt.Linux;

/// <summary>In characters.</summary>
public readonly record struct TerminalSize(ushort Columns, ushort Rows);
