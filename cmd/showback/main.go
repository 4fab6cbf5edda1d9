// Command showback says who spends what on AI, from the real AWS bill.
package main

import (
	"os"

	"showback/internal/app"
	"showback/internal/cli"
)

func main() { os.Exit(cli.Main(app.Open, app.Serve)) }
