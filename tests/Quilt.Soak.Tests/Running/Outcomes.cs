namespace Quilt.Soak.Tests;

/// <summary>quiltd was killed before it answered: whether the call was carried out is not known.</summary>
internal sealed class InterruptedException() : Exception("the daemon died before it answered");

/// <summary>quiltd has answered, and the answer is no.</summary>
internal sealed class RefusedException(string code, string message) : Exception($"{code}: {message}")
{
    internal string Code => code;
}

/// <summary>It answered, or did, something else than it has to.</summary>
internal sealed class UnexpectedException(string message) : Exception(message);
