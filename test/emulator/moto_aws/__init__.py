"""AWS where moto 5.2.1 differs from it and Tandem would notice; each module is one service, or one theme."""
