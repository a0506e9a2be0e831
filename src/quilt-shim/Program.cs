Console.Error.WriteLine("quilt-shim: not built yet; the README's 'What works' says what is");
return 1;
