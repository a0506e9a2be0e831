// Each wants a daemon or a machine of its own, and packing takes all there is of this one.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
