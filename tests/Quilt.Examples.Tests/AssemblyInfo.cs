// Each wants a daemon of its own, and the check for what is left looks at all that this process has started.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
