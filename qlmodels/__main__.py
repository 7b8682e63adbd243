from qlmodels.cli import main

main()
