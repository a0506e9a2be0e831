namespace Quilt.Build;

/// <summary>Something in a Dockerfile that is allowed and rarely meant.</summary>
/// <param name="Rule">The check's name, as <c># check=skip=</c> takes it and Docker has it, such as <c>StageNameCasing</c>.</param>
/// <seealso href="https://docs.docker.com/reference/build-checks/"/>
public sealed record BuildWarning(string Rule, string Message, SourcePosition Position);
