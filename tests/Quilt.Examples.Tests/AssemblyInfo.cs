// Each wants a daemon of its own, and the check for what is left looks at all that this process has started.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
