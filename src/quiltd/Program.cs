Console.Error.WriteLine("quiltd: not built yet; the README's 'What works' says what is");
return 1;
